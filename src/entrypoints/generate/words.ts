/** A name as a person writes it, and as it stands in an address. */
type Word = readonly [written: string, ascii: string];

/** A way to make a full name: given names, family names, and how they are joined. */
export interface NameStyle {
  readonly given: readonly Word[];
  readonly family: readonly Word[];
  /** `family-first` without a space, as in Chinese and Japanese. */
  readonly order: 'given family' | 'family-first';
}

/** Common names of several languages and scripts, joined at random: nobody in particular. */
export const nameStyles: readonly NameStyle[] = [
  {
    order: 'given family',
    given: words('Alice Brian Carla Daniel Emma Frank Grace Henry Irene James Karen Louis Maria Nathan Olivia Peter Quinn Rose Simon Tara'),
    family: words(
      'Adams Baker Clark Davis Evans Fisher Green Harris Irving Jones King Lewis Miller Nelson Owens Parker Reed Smith Taylor Wood',
    ),
  },
  {
    order: 'given family',
    given: words('Zoë/zoe José/jose Chloé/chloe Jürgen/juergen Søren/soeren Łucja/lucja Åsa/asa Núria/nuria André/andre Šárka/sarka'),
    family: words(
      "Müller/mueller García/garcia Lefèvre/lefevre Novák/novak Ångström/angstroem Jørgensen/joergensen Wójcik/wojcik Peña/pena O'Neill/oneill Çelik/celik",
    ),
  },
  {
    order: 'family-first',
    given: words('伟/wei 芳/fang 娜/na 敏/min 静/jing 丽/li 强/qiang 磊/lei 洋/yang 艳/yan'),
    family: words('王/wang 李/li 张/zhang 刘/liu 陈/chen 杨/yang 赵/zhao 黄/huang 周/zhou 吴/wu'),
  },
  {
    order: 'family-first',
    given: words('陽菜/hina 蓮/ren 結衣/yui 大翔/hiroto 美咲/misaki 健太/kenta さくら/sakura ユイ/yui'),
    family: words('佐藤/sato 鈴木/suzuki 高橋/takahashi 田中/tanaka 伊藤/ito 渡辺/watanabe'),
  },
  {
    order: 'given family',
    given: words('Анна/anna Иван/ivan Мария/maria Олег/oleg Ольга/olga Павел/pavel'),
    family: words('Бондар/bondar Коваль/koval Мороз/moroz Шевчук/shevchuk Гнатюк/hnatiuk Ткач/tkach'),
  },
  {
    order: 'given family',
    given: words('Ελένη/eleni Νίκος/nikos Μαρία/maria Γιώργος/giorgos'),
    family: words('Παππάς/pappas Νικολάου/nikolaou Γεωργίου/georgiou Δήμου/dimou'),
  },
  {
    order: 'given family',
    given: words('أحمد/ahmad ليلى/layla سارة/sara يوسف/yousef'),
    family: words('حداد/haddad خليل/khalil منصور/mansour نجار/najjar'),
  },
  {
    order: 'given family',
    given: words('अनिता/anita रवि/ravi प्रिया/priya अमित/amit'),
    family: words('शर्मा/sharma वर्मा/varma पटेल/patel सिंह/singh'),
  },
];

/** Domains that nobody can own (RFC 2606, RFC 6761): no mail to them ever reaches anyone. */
export const domains: readonly string[] = ['example.com', 'example.org', 'example.net', 'mail.example.com', 'team.example.org'];

export const cities: readonly string[] = [
  'Lisbon',
  'Zürich',
  'São Paulo',
  'Kraków',
  'Oslo',
  '上海',
  '東京',
  'Αθήνα',
  'Київ',
  'Nairobi',
  'Montréal',
  'Hanoi',
];

/** Texts that stand where an address should, none of which is one. */
export const brokenAddresses: readonly string[] = [
  'nobody',
  'nobody@',
  '@example.com',
  'no body@example.com',
  'nobody@@example.com',
  'nobody@example',
  'nobody@example..com',
  'nobody.@example.com',
  'nobody@-example.com',
  'n/a',
];

/** Names that a spreadsheet would run as a formula. */
export const formulas: readonly string[] = ['=HYPERLINK("https://example.com";"Name")', '=1+1', '+49 Team', '-Unknown-', '@Group'];

function words(list: string): readonly Word[] {
  return list.split(' ').map((entry) => {
    const [written = '', ascii = written.toLowerCase()] = entry.split('/');
    return [written, ascii];
  });
}
