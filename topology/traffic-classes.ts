/** Traffic classes, in the order in which they are protected: `order` is the last to suffer. */
export const TRAFFIC_CLASSES = ['order', 'marketing', 'other'] as const;
export type TrafficClass = (typeof TRAFFIC_CLASSES)[number];

export interface TrafficClassRules {
  readonly readOnly: boolean;
  /** Contact fields are masked in every answer. */
  readonly masked: boolean;
  readonly search: boolean;
}

export const CLASS_RULES: Readonly<Record<TrafficClass, TrafficClassRules>> = {
  order: { readOnly: false, masked: false, search: false },
  marketing: { readOnly: true, masked: true, search: true },
  other: { readOnly: false, masked: false, search: true },
};
