import { type Country, list, names } from './country';

export const ASIAN_COUNTRIES: readonly Country[] = [
  {
    locale: 'zh-CN',
    weight: 24,
    given: names(
      '伟=wei, 芳=fang, 娜=na, 秀英=xiuying, 敏=min, 静=jing, 丽=li, 强=qiang, 磊=lei, 洋=yang, 艳=yan, 勇=yong, 子涵=zihan, 浩然=haoran, 欣怡=xinyi, 梓轩=zixuan, 建国=jianguo, 雪梅=xuemei',
    ),
    family: names(
      '王=wang, 李=li, 张=zhang, 刘=liu, 陈=chen, 杨=yang, 黄=huang, 赵=zhao, 吴=wu, 周=zhou, 徐=xu, 孙=sun, 马=ma, 朱=zhu, 胡=hu, 欧阳=ouyang, 司马=sima, 諸葛=zhuge',
    ),
    order: 'familygiven',
    cities: list('北京, 上海, 广州, 深圳, 成都, 杭州, 武汉, 西安, 重庆, 南京, 苏州, 哈尔滨'),
    phones: list(
      '+86138########, +86139########, +86150########, +86158########, +86177########, +86186########, +86199########',
    ),
    leaning: { wechat: 5, alipay: 6, google: 0.02, web: 0.4 },
  },
  {
    locale: 'zh-TW',
    weight: 2,
    given: names('志明=chihming, 淑芬=shufen, 家豪=chiahao, 雅婷=yating, 冠宇=kuanyu, 怡君=yichun, 俊傑=chunchieh'),
    family: names('陳=chen, 林=lin, 黃=huang, 張=chang, 李=lee, 吳=wu, 劉=liu, 蔡=tsai, 楊=yang'),
    order: 'familygiven',
    cities: list('臺北, 高雄, 臺中, 臺南, 新竹'),
    phones: list('+8869########'),
  },
  {
    locale: 'ja-JP',
    weight: 6,
    given: names(
      '陽菜=hina, 翔太=shota, 美咲=misaki, 健一=kenichi, さくら=sakura, 大輔=daisuke, 結衣=yui, 蓮=ren, 葵=aoi, ナオミ=naomi, 直子=naoko, 悠斗=yuto',
    ),
    family: names(
      '佐藤=sato, 鈴木=suzuki, 高橋=takahashi, 田中=tanaka, 伊藤=ito, 渡邊=watanabe, 山本=yamamoto, 中村=nakamura, 小林=kobayashi, 髙木=takagi, 齋藤=saito',
    ),
    order: 'family given',
    cities: list('東京, 大阪, 京都, 札幌, 福岡, 名古屋, 横浜, 神戸'),
    phones: list('+8170N#######, +8180N#######, +8190N#######'),
  },
  {
    locale: 'ko-KR',
    weight: 4,
    given: names(
      '민준=minjun, 서연=seoyeon, 지훈=jihoon, 수빈=subin, 예은=yeeun, 도윤=doyun, 하은=haeun, 영희=younghee, 철수=chulsoo',
    ),
    family: names('김=kim, 이=lee, 박=park, 최=choi, 정=jung, 강=kang, 조=cho, 윤=yoon, 남궁=namgung'),
    order: 'familygiven',
    cities: list('서울, 부산, 인천, 대구, 대전, 광주'),
    phones: list('+8210N#######'),
  },
  {
    locale: 'hi-IN',
    weight: 8,
    given: names(
      'आरव=aarav, प्रिया=priya, राहुल=rahul, अंजलि=anjali, विक्रम=vikram, श्रेया=shreya, कृष्ण=krishna, ऋतिका=ritika, सुनीता=sunita, अमित=amit',
    ),
    family: names(
      'शर्मा=sharma, सिंह=singh, कुमार=kumar, गुप्ता=gupta, त्रिपाठी=tripathi, यादव=yadav, मिश्रा=mishra, चौधरी=chaudhary',
    ),
    order: 'given family',
    cities: list('दिल्ली, मुंबई, जयपुर, लखनऊ, Bengaluru, Pune, Chennai'),
    phones: list('+9198########, +9197########, +9188########, +9170########'),
  },
  {
    locale: 'th-TH',
    weight: 3,
    given: names(
      'สมชาย=somchai, สมหญิง=somying, อรทัย=orathai, ณัฐวุฒิ=nattawut, ปิยะ=piya, กัญญา=kanya, ธนพล=thanaphon, วันเพ็ญ=wanphen',
    ),
    family: names('ใจดี=jaidee, รักไทย=rakthai, ศรีสุข=srisuk, แก้วมณี=kaewmanee, ทองดี=thongdee, วงศ์สวัสดิ์=wongsawat'),
    order: 'given family',
    cities: list('กรุงเทพมหานคร, เชียงใหม่, ภูเก็ต, ขอนแก่น'),
    phones: list('+668########, +669########'),
  },
  {
    locale: 'vi-VN',
    weight: 3,
    given: names('Thị Hương, Văn Nam, Minh Tuấn, Thị Mai, Quốc Bảo, Ngọc Ánh, Đức Anh, Thu Hà'),
    family: names('Nguyễn, Trần, Lê, Phạm, Hoàng, Võ, Đặng, Bùi'),
    order: 'family given',
    cities: list('Hà Nội, Thành phố Hồ Chí Minh, Đà Nẵng, Huế, Cần Thơ'),
    phones: list('+8490#######, +8498#######, +8435#######'),
  },
  {
    locale: 'ar-EG',
    weight: 4,
    given: names(
      'محمد=mohamed, فاطمة=fatma, أحمد=ahmed, مريم=mariam, يوسف=youssef, نور=nour, عبد الرحمن=abdelrahman, ليلى=layla, مُحَمَّد=muhammad',
    ),
    family: names('حسن=hassan, إبراهيم=ibrahim, السيد=elsayed, عبد الله=abdallah, المصري=elmasry, منصور=mansour'),
    order: 'given family',
    cities: list('القاهرة, الإسكندرية, الجيزة, أسوان'),
    phones: list('+2010########, +2011########, +2012########'),
  },
  {
    locale: 'he-IL',
    weight: 2,
    given: names("נועם=noam, תמר=tamar, יוסף=yosef, שרה=sarah, איתי=itai, מאיה=maya, דוד=david, ז'ניה=zhenya"),
    family: names("כהן=cohen, לוי=levi, מזרחי=mizrahi, פרץ=peretz, ביטון=biton, צ'רני=cherni"),
    order: 'given family',
    cities: list('ירושלים, תל אביב-יפו, חיפה, באר שבע'),
    phones: list('+97250#######, +97252#######, +97254#######'),
  },
];
