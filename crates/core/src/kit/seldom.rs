//! What would be said at each request is said once a minute.

use parking_lot::Mutex;
use std::time::{Duration, Instant};

const QUIET: Duration = Duration::from_mins(1);

/// When it was said last.
pub(crate) struct Seldom(Mutex<Option<Instant>>);

impl Seldom {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// Whether it is to be said now, and then not for a while.
    pub(crate) fn is_due(&self) -> bool {
        self.is_due_at(Instant::now())
    }

    fn is_due_at(&self, now: Instant) -> bool {
        let mut last = self.0.lock();
        let is_due = last.is_none_or(|last| now.duration_since(last) >= QUIET);
        if is_due {
            *last = Some(now);
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lasts_is_said_at_once_and_then_once_a_minute() {
        let (seldom, begun) = (Seldom::new(), Instant::now());
        let said: Vec<_> = (0..=180)
            .filter(|second| seldom.is_due_at(begun + Duration::from_secs(*second)))
            .collect();
        assert_eq!(said, [0, 60, 120, 180]);
    }
}
