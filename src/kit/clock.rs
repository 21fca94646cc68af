//! Time, in one place, so that it can be moved.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

/// The time of this process: the system's, plus an offset that only tests move.
///
/// Cheap to clone; clones share the offset.
#[derive(Clone, Debug, Default)]
pub struct Clock(Arc<AtomicI64>);

impl Clock {
    /// Now, in UTC, cut to microseconds: PostgreSQL keeps no more, and both databases must agree.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        #[expect(clippy::disallowed_methods, reason = "the one place that reads the system's clock")]
        let now = Utc::now();
        (now + TimeDelta::microseconds(self.0.load(Ordering::Relaxed))).trunc_subsecs(6)
    }

    /// Moves this clock forward.
    pub fn advance(&self, by: TimeDelta) {
        let micros = by
            .num_microseconds()
            .expect("a test moves the clock by less than 292,000 years");
        self.0.fetch_add(micros, Ordering::Relaxed);
    }
}
