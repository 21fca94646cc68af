//! Time, in one place, so that it can be moved.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

/// The time of this process. Cheap to clone; clones are the same clock.
#[derive(Clone, Debug, Default)]
pub struct Clock(Source);

#[derive(Clone, Debug, Default)]
enum Source {
    #[default]
    System,
    /// Microseconds since 1970.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at the present time until it is moved. Each look at it moves it by a
    /// microsecond, so that what happens later has a later time.
    #[must_use]
    pub fn manual() -> Self {
        let now = Self::default().now().timestamp_micros();
        Self(Source::Manual(Arc::new(AtomicI64::new(now))))
    }

    /// Now, in UTC, cut to microseconds: PostgreSQL keeps no more, and both databases must agree.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        match &self.0 {
            #[expect(clippy::disallowed_methods, reason = "the one place that reads the system's clock")]
            Source::System => Utc::now().trunc_subsecs(6),
            Source::Manual(micros) => DateTime::from_timestamp_micros(micros.fetch_add(1, Ordering::Relaxed))
                .expect("a test moves the clock by less than 260,000 years"),
        }
    }

    /// Moves a manual clock forward.
    pub fn advance(&self, by: TimeDelta) {
        if let (Source::Manual(micros), Some(by)) = (&self.0, by.num_microseconds()) {
            micros.fetch_add(by, Ordering::Relaxed);
        }
    }
}
