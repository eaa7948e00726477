import type { Random } from './random';

const CHINESE_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHINESE_AREAS = ['110105', '310104', '440106', '510104', '330106', '420106'];
const SPANISH_LETTERS = 'TRWAGMYFPDXBNJZSQVHLCKE';

/** An identity card number with its check digit, in the form of the country where we know it. */
export function idCardOf(locale: string, birthDate: string, random: Random): string {
  if (locale === 'zh-CN') return chineseCard(birthDate, random);
  if (locale === 'es-ES') return spanishCard(random);
  return `${locale.slice(-2)}${random.digits('#######')}`;
}

/** GB 11643: area, day of birth, serial number, check digit. */
function chineseCard(birthDate: string, random: Random): string {
  const digits = `${random.pick(CHINESE_AREAS)}${birthDate.replaceAll('-', '')}${random.digits('###')}`;
  const sum = CHINESE_WEIGHTS.reduce((total, weight, index) => total + weight * Number(digits.charAt(index)), 0);
  return digits + '10X98765432'.charAt(sum % 11);
}

function spanishCard(random: Random): string {
  const digits = random.digits('########');
  return digits + SPANISH_LETTERS.charAt(Number(digits) % 23);
}
