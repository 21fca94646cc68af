/** A bar of a chart that is 300 wide and 72 high. */
export interface Bar {
  x: number;
  width: number;
  height: number;
}

const WIDTH = 300;
const HEIGHT = 72;

/** The bars of these values: the largest has the whole height, and one that is not 0 can be seen. */
export function bars(values: number[]): Bar[] {
  const most = Math.max(1, ...values);
  const each = WIDTH / Math.max(1, values.length);
  return values.map((value, at) => ({
    x: at * each + each * 0.1,
    width: each * 0.8,
    height: value === 0 ? 0 : Math.max(2, (value / most) * HEIGHT),
  }));
}
