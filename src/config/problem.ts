/** One thing that is wrong with the configuration: which variable, what is wrong, how to mend it. Holds no value. */
export interface ConfigProblem {
  readonly variable: string;
  readonly problem: string;
  readonly mend: string;
}

/** Takes a problem; returns it as the line that an operator reads. */
export function problemLine({ variable, problem, mend }: ConfigProblem): string {
  return `${variable} ${problem}. ${mend}`;
}
