// Dollars by day, as the server tells them, in the columns that the chart wants.

import type { AlignedData } from "uplot";

export interface Days {
  /** YYYY-MM-DD */
  readonly days: readonly string[];
  readonly spent: readonly number[];
  readonly saved: readonly number[];
}

/** Seconds since the epoch at local noon; what it would have cost; what it did cost. */
export function columns(data: Days): AlignedData {
  const at = data.days.map((day) => new Date(`${day}T12:00:00`).getTime() / 1000);
  const whole = data.spent.map((spent, index) => spent + (data.saved[index] ?? 0));
  return [at, whole, [...data.spent]];
}

/** "$1,234", "$1.20" or "$0.00015": as many decimals as tell something. */
export function dollars(value: number): string {
  if (value === 0) return "$0";
  const size = Math.abs(value);
  const digits = size >= 100 ? 0 : size >= 1 ? 2 : Math.min(9, 2 - Math.floor(Math.log10(size)));
  return `$${value.toLocaleString("en-US", { minimumFractionDigits: size >= 1 && size < 100 ? 2 : 0, maximumFractionDigits: digits })}`;
}
