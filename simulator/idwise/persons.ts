import { createHash } from 'node:crypto';
import { type Overrides, overlay } from './overlay.js';

/** A synthetic person, with what IDWise would read from their document. */
export interface Person {
  firstName: string;
  lastName: string;
  sex: 'male' | 'female';
  birthDate: string;
  birthPlace: string;
  personalNumber: string;
  documentType: 'Passport' | 'Identity Card';
  documentNumber: string;
  issueDate: string;
  expiryDate: string;
  nationality: string;
  nationalityCode: string;
  issuingCountry: string;
  issuingCountryCode: string;
  applicantId: string;
}

// Nobody can mistake these for someone's name, and UTO is the code that ICAO reserves for specimens.
const firstNames = ['Alfa', 'Bravo', 'Delta', 'Echo', 'Juliett', 'Kilo', 'Oscar', 'Quebec', 'Sierra', 'Zulu'];
const lastNames = [
  'Exampleton',
  'Fictitious',
  'Inventedsson',
  'Madeupski',
  'Mustermensch',
  'Nobodyová',
  'Placeholder',
  'Specimen',
  'Testperson',
  "O'Sample",
];
const places = ['Exampleville', 'Nowhere-on-Sea', 'Port Specimen', 'Testington'];

/**
 * Invents a person. The same seed always gives the same person, so that a customer who redoes a journey
 * is still the same one.
 *
 * @param seed any text, by default the reference number
 * @param overrides members that a test wants otherwise
 */
export function syntheticPerson(seed: string, overrides: Overrides<Person> = {}): Person {
  const digest = createHash('sha256').update(`person:${seed}`).digest();
  const pick = <T>(list: readonly [T, ...T[]] | readonly T[], position: number): T =>
    list[(digest[position] ?? 0) % list.length] as T;
  const number = digest.readUInt32BE(8);
  const twoDigits = (value: number) => String(value).padStart(2, '0');
  const person: Person = {
    firstName: pick(firstNames, 0),
    lastName: pick(lastNames, 1),
    sex: pick(['male', 'female'] as const, 2),
    birthDate: `${1950 + ((digest[3] ?? 0) % 50)}-${twoDigits(1 + ((digest[4] ?? 0) % 12))}-${twoDigits(1 + ((digest[5] ?? 0) % 28))}`,
    birthPlace: pick(places, 6),
    personalNumber: `999${String(number).padStart(10, '0')}`,
    documentType: pick(['Passport', 'Identity Card'] as const, 7),
    documentNumber: `X${digest.subarray(12, 16).toString('hex').toUpperCase()}`,
    issueDate: '2024-03-01',
    expiryDate: `${2036 + ((digest[16] ?? 0) % 5)}-02-28`,
    nationality: 'Utopia',
    nationalityCode: 'UTO',
    issuingCountry: 'Utopia',
    issuingCountryCode: 'UTO',
    applicantId: digest.subarray(20, 32).toString('hex'),
  };
  return overlay(person, overrides);
}
