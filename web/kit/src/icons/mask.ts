/** The superellipse |x|⁵ + |y|⁵ = 1 that every app icon sits in, in a box of one. */

export function superellipse(exponent = 5, points = 64): string {
  const bend = (value: number) => Math.sign(value) * Math.abs(value) ** (2 / exponent);
  const place = (value: number) => (0.5 + 0.5 * value).toFixed(4);
  const path = Array.from({ length: points }, (_, index) => {
    const angle = (2 * Math.PI * index) / points;
    return `${place(bend(Math.cos(angle)))} ${place(bend(Math.sin(angle)))}`;
  });
  return `M${path.join('L')}Z`;
}
