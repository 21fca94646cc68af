//! Whether two samples of times are of one kind.

/// The one in the middle.
pub(super) fn median(sample: &[f64]) -> f64 {
    let mut sorted = sample.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() % 2 {
        0 => f64::midpoint(sorted[middle - 1], sorted[middle]),
        _ => sorted[middle],
    }
}

/// How far the middle half of a sample reaches.
pub(super) fn spread(sample: &[f64]) -> f64 {
    let mut sorted = sample.to_vec();
    sorted.sort_by(f64::total_cmp);
    let quarter = sorted.len() / 4;
    sorted[sorted.len() - 1 - quarter] - sorted[quarter]
}

/// How probable it is that of two samples of one kind, taken in pairs, one is as often the larger
/// (two-sided, by the normal approximation).
pub(super) fn sign_test(one: &[f64], other: &[f64]) -> f64 {
    let (mut larger, mut pairs) = (0.0, 0.0);
    for (one, other) in one
        .iter()
        .zip(other)
        .filter(|(one, other)| one.total_cmp(other).is_ne())
    {
        pairs += 1.0;
        larger += f64::from(one > other);
    }
    let distance = ((larger - pairs / 2.0_f64).abs() - 0.5).max(0.0);
    tail(distance / (pairs.sqrt() / 2.0))
}

/// How probable it is that two samples of one kind differ as much as these in rank (Mann and
/// Whitney, two-sided, by the normal approximation with the correction for ties).
pub(super) fn rank_test(one: &[f64], other: &[f64]) -> f64 {
    let mut all: Vec<(f64, bool)> = one.iter().map(|value| (*value, true)).collect();
    all.extend(other.iter().map(|value| (*value, false)));
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut ranks, mut ties, mut begin) = (0.0, 0.0, 0);
    while begin < all.len() {
        let same = all[begin..]
            .iter()
            .take_while(|(value, _)| value.total_cmp(&all[begin].0).is_eq());
        let (length, ours) = same.fold((0_u32, 0_u32), |(length, ours), (_, is_one)| {
            (length + 1, ours + u32::from(*is_one))
        });
        let first = f64::from(u32::try_from(begin).unwrap()) + 1.0;
        let length_of = f64::from(length);
        ranks += f64::from(ours) * (first + (length_of - 1.0) / 2.0);
        ties += length_of.powi(3) - length_of;
        begin += usize::try_from(length).unwrap();
    }
    let count = |sample: &[f64]| f64::from(u32::try_from(sample.len()).unwrap());
    let (m, n) = (count(one), count(other));
    let sum = m + n;
    let u = ranks - m * (m + 1.0) / 2.0;
    let variance = m * n / 12.0 * (sum + 1.0 - ties / (sum * (sum - 1.0)));
    let distance = ((u - m * n / 2.0).abs() - 0.5).max(0.0);
    tail(distance / variance.sqrt())
}

/// Both tails of the normal distribution beyond `z` (Abramowitz and Stegun, 7.1.26).
fn tail(z: f64) -> f64 {
    let x = z / 2.0_f64.sqrt();
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let terms = [
        0.254_829_592,
        -0.284_496_736,
        1.421_413_741,
        -1.453_152_027,
        1.061_405_429,
    ];
    let sum = terms.iter().rev().fold(0.0, |sum, term| (sum + term) * t);
    sum * (-x * x).exp()
}

#[test]
fn the_rank_test_tells_samples_apart_and_takes_equal_ones_for_equal() {
    // Times between 10 and 11 ms that come in no order.
    let sample = |seed: u32, shift: f64| -> Vec<f64> {
        let next = |state: &mut u32| {
            *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            Some(10.0 + f64::from(*state >> 8) / f64::from(1 << 24) + shift)
        };
        std::iter::repeat_with({
            let mut state = seed;
            move || next(&mut state).unwrap()
        })
        .take(200)
        .collect()
    };
    assert!(rank_test(&sample(1, 0.0), &sample(2, 0.0)) > 0.05);
    assert!(rank_test(&sample(1, 0.0), &sample(2, 0.2)) < 1e-6);
    assert!(sign_test(&sample(1, 0.0), &sample(2, 0.0)) > 0.05);
    assert!(sign_test(&sample(1, 0.0), &sample(2, 0.2)) < 1e-4);
    assert!((spread(&sample(1, 0.0)) - 0.5).abs() < 0.1);
    assert!((tail(1.959_964) - 0.05).abs() < 1e-5);
    assert!((median(&[3.0, 1.0, 2.0]) - 2.0).abs() < 1e-9);
    assert!((median(&[4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < 1e-9);
}
