//! Names that nobody knows, and what was meant.

use super::error::FieldError;

/// Names that are worth reading in an error.
const MOST: usize = 30;

/// That a request or a file has something of a name that is none of these.
pub fn unknown<'a>(at: &str, given: &str, known: impl IntoIterator<Item = &'a str>) -> FieldError {
    let known: Vec<_> = known.into_iter().collect();
    let detail = match nearest(given, &known) {
        Some(meant) => format!("is not known here; did you mean \"{meant}\"?"),
        None if known.is_empty() || known.len() > MOST => "is not known here".to_owned(),
        None => format!("is not known here; known are {}", known.join(", ")),
    };
    let shown: String = at.chars().filter(|c| !c.is_control()).take(100).collect();
    FieldError::new(shown, "unknown", detail)
}

/// The name that was likely meant: it differs in case and marks only, or in few letters.
fn nearest<'a>(given: &str, known: &[&'a str]) -> Option<&'a str> {
    if given.len() > 100 {
        return None;
    }
    let plain = |name: &str| -> String {
        let letters = name.chars().filter(|c| c.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect()
    };
    let given = plain(given);
    let far = |name: &&str| strsim::osa_distance(&given, &plain(name));
    let best = known.iter().copied().min_by_key(far)?;
    let letters = given.chars().count();
    (far(&best) <= letters.div_ceil(4).min(letters.saturating_sub(1))).then_some(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_that_was_likely_meant_is_told() {
        let known = ["displayName", "allowedDomains", "rules", "keyword", "phone"];
        for (given, meant) in [
            ("displayname", Some("displayName")),
            ("display_name", Some("displayName")),
            ("allowedDomain", Some("allowedDomains")),
            ("rulez", Some("rules")),
            ("keywrd", Some("keyword")),
            ("email", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest(given, &known), meant, "{given}");
        }
        let said = unknown("spec.x", "x", ["a", "b"]);
        assert_eq!(said.detail, "is not known here; known are a, b");
    }
}
