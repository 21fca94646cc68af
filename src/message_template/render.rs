//! Makes a message of a template and values: the one way, for previews and for what is delivered.

use super::source::Source;
use anyhow::{Context, ensure};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};
use std::{borrow::Cow, collections::BTreeMap, sync::LazyLock};
use unicode_normalization::UnicodeNormalization;

/// Bytes that a part of a message may have.
pub(super) const OUTPUT: usize = 128 * 1024;
/// Instructions of the engine.
const FUEL: u64 = 50_000;
/// Letters of a name that somebody chose.
const NAME: usize = 60;

/// A message, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The subject.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// HTML.
    pub html: String,
}

/// What the variables of a template stand for.
#[derive(Clone, Debug, Default)]
pub struct Values(BTreeMap<&'static str, Value>);

impl Values {
    /// With a text that we chose, such as a code or an address.
    #[must_use]
    pub fn with(mut self, name: &'static str, text: &str) -> Self {
        let plain: String = text.chars().filter(|c| !is_hidden(*c)).collect();
        self.0.insert(name, plain.into());
        self
    }

    /// With a name that somebody chose.
    #[must_use]
    pub fn with_name(mut self, name: &'static str, chosen: &str) -> Self {
        self.0.insert(name, display(chosen).into());
        self
    }

    /// With a number.
    #[must_use]
    pub fn with_number(mut self, name: &'static str, number: i64) -> Self {
        self.0.insert(name, number.into());
        self
    }
}

/// What a mail program does not show, or reads as the end of a line or as another direction.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{061c}')
        || ('\u{202a}'..='\u{202e}').contains(&c)
        || ('\u{2066}'..='\u{2069}').contains(&c)
}

/// A name that somebody chose, as mail shows it: one line, not too long, and nothing that a mail program takes for an
/// address of the web. Anybody can call themself `example.com`, and have a link to it mailed to others. What is put
/// after each point has no width and ends no line.
fn display(name: &str) -> String {
    let lines = name.nfc().map(|c| if c.is_control() { ' ' } else { c });
    let shown: String = lines.filter(|c| !is_hidden(*c)).collect();
    let short: Vec<char> = shown.trim().chars().take(NAME).collect();
    let mut safe = String::with_capacity(shown.len());
    for (n, c) in short.iter().enumerate() {
        safe.push(*c);
        let next = short.get(n + 1);
        let links = match c {
            '.' => next.is_some_and(|next| next.is_alphanumeric()),
            ':' => next == Some(&'/'),
            '@' => true,
            _ => false,
        };
        if links {
            safe.push('\u{2060}');
        }
    }
    safe
}

#[expect(clippy::needless_pass_by_value, reason = "a filter is given its values")]
fn upper(text: Cow<'_, str>) -> String {
    text.to_uppercase()
}

#[expect(clippy::needless_pass_by_value, reason = "a filter is given its values")]
fn lower(text: Cow<'_, str>) -> String {
    text.to_lowercase()
}

#[expect(clippy::needless_pass_by_value, reason = "a filter is given its values")]
fn trim(text: Cow<'_, str>) -> String {
    text.trim().to_owned()
}

/// What is not there is empty.
fn default(text: Cow<'_, str>, other: Cow<'_, str>) -> String {
    match text.is_empty() {
        true => other.into_owned(),
        false => text.into_owned(),
    }
}

static ENGINE: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut engine = Environment::empty();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.set_auto_escape_callback(|name| match name {
        "html" => AutoEscape::Html,
        _ => AutoEscape::None,
    });
    engine.set_fuel(Some(FUEL));
    engine.set_recursion_limit(16);
    engine.add_filter("upper", upper);
    engine.add_filter("lower", lower);
    engine.add_filter("trim", trim);
    engine.add_filter("default", default);
    engine
});

/// Makes a message.
///
/// # Errors
/// The template is not one, names what there is not, or makes no message: too long, or of a subject in lines.
pub fn render(source: &Source, values: &Values) -> anyhow::Result<Rendered> {
    let part = |name: &str, source: &str| -> anyhow::Result<String> {
        let made = ENGINE
            .render_named_str(name, source, &values.0)
            .with_context(|| format!("rendering the {name} of a message"))?;
        ensure!(
            made.len() <= OUTPUT,
            "the {name} of a message is longer than {OUTPUT} bytes"
        );
        Ok(made)
    };
    let subject = part("subject", &source.subject)?.trim().to_owned();
    ensure!(!subject.is_empty(), "the subject is empty");
    ensure!(
        !subject.contains(is_hidden),
        "the subject has more than one line, or letters that nobody sees"
    );
    Ok(Rendered {
        subject,
        text: part("text", &source.text)?,
        html: part("html", &source.html)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_and_no_link() {
        for (name, shown) in [
            ("Ada", "Ada"),
            ("Acme Inc.", "Acme Inc."),
            ("Free money at evil.example", "Free money at evil.\u{2060}example"),
            ("https://evil.example/x", "https:\u{2060}//evil.\u{2060}example/x"),
            ("www.evil", "www.\u{2060}evil"),
            ("ada@evil", "ada@\u{2060}evil"),
            ("a\r\nBcc: eve@evil", "a  Bcc: eve@\u{2060}evil"),
            ("\u{202e}live\u{2066}", "live"),
            ("e\u{301}", "é"),
            ("艾克米", "艾克米"),
        ] {
            assert_eq!(display(name), shown, "{name:?}");
        }
        assert_eq!(display(&"x".repeat(100)).len(), 60);
    }
}
