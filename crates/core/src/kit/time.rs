//! Moments on the wire: one form, in every group and document.

use super::text::wire_string;
use chrono::{DateTime, SecondsFormat, SubsecRound, Utc};
use serde::{Serialize, Serializer};
use std::fmt;

/// A moment as RFC 3339 has it, in UTC with `Z`, to the microsecond at most.
///
/// `+00:00` means the same, but validators that clients generate refuse it, and in a query that
/// nobody encoded its `+` is a blank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(pub DateTime<Utc>);

impl From<DateTime<Utc>> for Timestamp {
    fn from(at: DateTime<Utc>) -> Self {
        Self(at)
    }
}

impl std::str::FromStr for Timestamp {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const NOT_ONE: &str = "must be a moment such as 2026-11-28T09:30:00Z";
        let at = text.len().checked_sub("+00:00".len());
        let offset = at
            .and_then(|at| text.split_at_checked(at))
            .filter(|(_, end)| end.starts_with(' '));
        // A query's `+` that was not encoded arrives as a blank.
        let mended = offset.map(|(moment, offset)| format!("{moment}+{}", &offset[1..]));
        let moment = DateTime::parse_from_rfc3339(mended.as_deref().unwrap_or(text)).map_err(|_| NOT_ONE)?;
        Ok(Self(moment.to_utc()))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = self.0.trunc_subsecs(6);
        f.write_str(&micros.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

wire_string!(Timestamp, {
    format: Some("date-time"),
    example: Some("2026-11-28T09:30:00Z"),
    ..
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_in_utc_with_a_z_and_to_the_microsecond() {
        for (given, written) in [
            ("2026-11-28T09:30:00+00:00", "2026-11-28T09:30:00Z"),
            ("2026-11-28T09:30:00.120Z", "2026-11-28T09:30:00.120Z"),
            ("2026-11-28T10:30:00.123456789+01:00", "2026-11-28T09:30:00.123456Z"),
            ("2026-11-28T09:30:00 00:00", "2026-11-28T09:30:00Z"),
            ("2026-11-28T09:30:00 01:00", "2026-11-28T08:30:00Z"),
        ] {
            assert_eq!(given.parse::<Timestamp>().unwrap().to_string(), written, "{given}");
        }
        for bad in [
            "",
            "now",
            "2026-11-28",
            "2026-11-28T09:30",
            "2026-11-28T09:30:00",
            "é00:00",
        ] {
            assert!(bad.parse::<Timestamp>().is_err(), "{bad:?}");
        }
    }
}
