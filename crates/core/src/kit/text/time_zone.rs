//! Zones that clocks show.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

/// A time zone by its name in the IANA database, such as `Europe/Berlin`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeZone(Tz);

impl TimeZone {
    /// What clocks there show, to the minute, and how far they are from UTC.
    #[must_use]
    pub fn show(self, at: DateTime<Utc>) -> String {
        let there = at.with_timezone(&self.0);
        // Abbreviations such as CST are those of several zones.
        let text = there.format("%Y-%m-%d %H:%M UTC%:z").to_string();
        text.trim_end_matches("+00:00").to_owned()
    }
}

impl Default for TimeZone {
    fn default() -> Self {
        Self(Tz::UTC)
    }
}

impl std::str::FromStr for TimeZone {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let zone = text.parse::<Tz>();
        zone.map(Self)
            .map_err(|_| "must be the name of a time zone such as Europe/Berlin or UTC")
    }
}

impl std::fmt::Display for TimeZone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.name())
    }
}

super::wire_string!(TimeZone, {
    format: Some("time-zone"),
    max_length: Some(50),
    min_length: Some(1),
    pattern: Some("^[A-Za-z0-9+_/-]+$"),
    example: Some("Europe/Berlin"),
    ..
});

super::stored_string!(TimeZone);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_shown_as_clocks_there_show_it() {
        let winter = DateTime::from_timestamp(1_764_408_600, 0).unwrap();
        let summer = DateTime::from_timestamp(1_782_725_400, 0).unwrap();
        for (zone, at, shown) in [
            ("UTC", winter, "2025-11-29 09:30 UTC"),
            ("Europe/London", winter, "2025-11-29 09:30 UTC"),
            ("Europe/London", summer, "2026-06-29 10:30 UTC+01:00"),
            ("Asia/Shanghai", winter, "2025-11-29 17:30 UTC+08:00"),
            ("America/St_Johns", winter, "2025-11-29 06:00 UTC-03:30"),
        ] {
            let zone: TimeZone = zone.parse().unwrap();
            assert_eq!(zone.show(at), shown, "{zone}");
        }
    }

    #[test]
    fn a_zone_is_one_of_the_database_by_its_name() {
        for wrong in ["", "utc+1", "Mars/Olympus", "europe/berlin", " UTC", "+01:00"] {
            assert!(wrong.parse::<TimeZone>().is_err(), "{wrong}");
        }
        for name in ["UTC", "Asia/Shanghai", "Etc/GMT+5"] {
            assert_eq!(name.parse::<TimeZone>().unwrap().to_string(), name);
        }
    }
}
