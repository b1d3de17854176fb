/** Words of each language that would tell a customer of AML, compliance or fraud, or of a search for them. */
export const WORDS_NOT_FOR_CUSTOMERS: Readonly<Record<string, RegExp>> = {
  en: /\baml\b|launder|sanction|watch.?list|politically|\bpep\b|compliance|fraud|risk|suspicio|screen|match|fake|forg|duplicate|monitor|terror|crim/i,
  de: /geldw|sanktion|betrug|betrüg|fälsch|verdäch|verdacht|risik|überwach|abgleich|treffer|\bliste|terror|straf|kriminal/i,
  fr: /blanchiment|fraud|soupçon|suspect|risque|falsif|\bfaux\b|conformité|surveill|\bliste|correspond|terror|crimin/i,
  es: /blanqueo|lavado|fraude|sospech|riesgo|falsific|\bfals[oa]|cumplimiento|vigilan|\blista|coinciden|terror|crimin|delito/i,
  ar: /غسل|غسيل|احتيال|عقوبات|مشبوه|اشتباه|مخاطر|تزوير|مزور|مزيف|امتثال|مراقبة|قائمة|قوائم|تطابق|مطابقة|إرهاب|جريمة/,
};
