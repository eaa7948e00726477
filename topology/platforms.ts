/** Where an account may live. `ignoresCase` platforms fold the account to lower case before it is claimed. */
export interface Platform {
  readonly ignoresCase: boolean;
}

export const PLATFORMS: Readonly<Record<string, Platform>> = {
  app: { ignoresCase: false },
  web: { ignoresCase: true },
  wechat: { ignoresCase: false },
  alipay: { ignoresCase: false },
  apple: { ignoresCase: false },
  google: { ignoresCase: false },
  card: { ignoresCase: false },
};

/** Profile fields by which a member is looked up. */
export const PROFILE_KEYS = ['phone', 'email', 'unionId', 'idCard'] as const;
export type ProfileKey = (typeof PROFILE_KEYS)[number];

/** Profile keys that only one member may hold (claimed at the arbiter); none by default. */
export const UNIQUE_PROFILE_KEYS: readonly ProfileKey[] = [];
