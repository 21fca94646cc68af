//! The guesses that attackers try first: common passwords with the usual changes, and words around the user.

/// Django's list of common passwords, in lower case and sorted; see `common.md` beside it.
const COMMON: &str = include_str!("common.txt");

/// The shortest word that is looked for; of shorter ones nearly everything is made.
pub(super) const SHORTEST_WORD: usize = 4;
/// Most digits and symbols that are taken off a password before it is looked up: more are for the
/// estimator to judge.
const LONGEST_TAIL: usize = 8;

/// Whether the list has this word, which is in lower case.
fn is_listed(word: &str) -> bool {
    let (list, word) = (COMMON.as_bytes(), word.as_bytes());
    let (mut from, mut to) = (0, list.len());
    while from < to {
        let middle = from + (to - from) / 2;
        let begin = list[from..middle]
            .iter()
            .rposition(|b| *b == b'\n')
            .map_or(from, |at| from + at + 1);
        let end = list[begin..]
            .iter()
            .position(|b| *b == b'\n')
            .map_or(list.len(), |at| begin + at);
        match list[begin..end].cmp(word) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => from = (end + 1).min(to),
            std::cmp::Ordering::Greater => to = begin,
        }
    }
    false
}

/// Letters that people write this digit or symbol for.
fn letters(c: char) -> &'static [char] {
    match c {
        '@' | '4' => &['a'],
        '0' => &['o'],
        '1' | '!' => &['i', 'l'],
        '3' => &['e'],
        '$' | '5' => &['s'],
        '7' => &['t'],
        _ => &[],
    }
}

/// Whether a password is a common one, as it is or after the changes that rules about classes of
/// characters teach people: capitals, digits and symbols at the ends, and symbols for letters.
pub(super) fn is_common(password: &str) -> bool {
    let lower = password.to_lowercase();
    if is_listed(&lower) {
        return true;
    }
    let is_padding = |c: char| !c.is_alphabetic();
    let ahead = lower.chars().take_while(|c| is_padding(*c)).count();
    let mut begins = vec![lower.as_str()];
    if (1..=LONGEST_TAIL).contains(&ahead) {
        begins.push(lower.trim_start_matches(is_padding));
    }
    begins.into_iter().any(|text| {
        let mut rest = text;
        for _ in 0..=LONGEST_TAIL {
            if rest.chars().count() >= SHORTEST_WORD && (is_listed(rest) || is_listed_in_letters(rest)) {
                return true;
            }
            match rest.strip_suffix(is_padding) {
                Some(shorter) => rest = shorter,
                None => return false,
            }
        }
        false
    })
}

/// Whether the list has the word with letters for digits and symbols.
fn is_listed_in_letters(word: &str) -> bool {
    let with = |choice: usize| -> String {
        let letter = |c: char| {
            let of = letters(c);
            of.get(choice).or(of.first()).copied().unwrap_or(c)
        };
        word.chars().map(letter).collect()
    };
    (0..2).any(|choice| is_listed(&with(choice)))
}

/// The words that a text is made of, in lower case: the whole of it and its parts, as far as they
/// are long enough to count.
pub(super) fn words_of(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let whole: String = lower.chars().filter(|c| c.is_alphanumeric()).collect();
    let parts = lower.split(|c: char| !c.is_alphanumeric()).map(str::to_owned);
    let mut words: Vec<_> = parts.chain([whole]).collect();
    words.retain(|word| word.chars().count() >= SHORTEST_WORD);
    words.dedup();
    words
}

/// Whether nothing but these words, digits and symbols is in a password, and at least one word.
pub(super) fn is_made_of(password: &str, words: &[String]) -> bool {
    let words: Vec<Vec<char>> = words.iter().map(|word| word.chars().collect()).collect();
    let password: Vec<char> = password.to_lowercase().chars().collect();
    // Once more without what may stand between the parts of a name.
    let joined: Vec<char> = password.iter().copied().filter(|c| c.is_alphanumeric()).collect();
    is_covered(&password, &words) || is_covered(&joined, &words)
}

fn is_covered(password: &[char], words: &[Vec<char>]) -> bool {
    let is_of = |typed: &char, meant: &char| typed == meant || letters(*typed).contains(meant);
    // For each position: whether it can be reached at all, and by at least one word.
    let mut reached = vec![(false, false); password.len() + 1];
    reached[0].0 = true;
    for at in 0..password.len() {
        let (without, with) = reached[at];
        if !without && !with {
            continue;
        }
        if !password[at].is_alphabetic() {
            reached[at + 1].0 |= without;
            reached[at + 1].1 |= with;
        }
        for word in words {
            let rest = &password[at..];
            if rest.len() >= word.len() && rest.iter().zip(word).all(|(typed, meant)| is_of(typed, meant)) {
                reached[at + word.len()].1 = true;
            }
        }
    }
    reached[password.len()].1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_of_the_list_is_found_and_nothing_between_them() {
        let entries: Vec<_> = COMMON.lines().collect();
        assert!(entries.len() > 19_000);
        assert!(entries.is_sorted(), "the search needs them in order");
        for entry in &entries {
            assert!(is_listed(entry), "{entry:?}");
            assert_eq!(entry.to_lowercase(), **entry);
            assert!(!is_listed(&format!("{entry}~~")), "{entry:?}");
        }
        for stranger in [
            "",
            "\n",
            "correct horse battery staple",
            "~~~~",
            "passwordz",
            "zpassword",
        ] {
            assert!(!is_listed(stranger), "{stranger:?}");
        }
    }

    #[test]
    fn the_usual_changes_do_not_hide_a_common_password() {
        for common in [
            "password",
            "PASSWORD",
            "Password1!",
            "P@ssw0rd1",
            "Pa$$w0rd2026",
            "Qwerty123!",
            "Admin@123",
            "Welcome2026!!",
            "!Welcome1",
            "Dr4g0n#1",
            "password1234567",
        ] {
            assert!(is_common(common), "{common}");
        }
        for other in [
            "SecureP@ss123",
            "correct horse battery staple",
            "passwordpassage",
            "my password is long",
            "83749283749283749281",
            "xK9#mQ2$vL",
            "password837492837492837",
            "🦀🦀🦀🦀🦀🦀🦀🦀",
            "",
        ] {
            assert!(!is_common(other), "{other}");
        }
    }

    #[test]
    fn a_password_is_made_of_words_only_if_they_cover_all_its_letters() {
        let words: Vec<_> = ["acme", "Ada Lovelace", "al"]
            .iter()
            .flat_map(|text| words_of(text))
            .collect();
        assert_eq!(words, ["acme", "lovelace", "adalovelace"]);
        for made in [
            "Acme2026!acme",
            "@cm3!!!!",
            "lovelaceacme",
            "2026acme",
            "L0VEL4CE-1815",
            "Ada-Lovelace-1815",
        ] {
            assert!(is_made_of(made, &words), "{made}");
        }
        for other in [
            "Zeta2026!zeta",
            "acmes 2026",
            "my acme",
            "ada-acme-1",
            "20262026",
            "",
            "acm",
        ] {
            assert!(!is_made_of(other, &words), "{other}");
        }
    }
}
