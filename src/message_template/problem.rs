//! What is wrong with a template, and where.

/// Problems of a part that are told.
pub(super) const MOST: usize = 20;

/// A part of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The subject.
    Subject,
    /// The plain text.
    Text,
    /// The HTML.
    Html,
}

/// Which rule a template breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// It is too long.
    Length,
    /// It does more than print variables and branch on them.
    Statement,
    /// It names what the message does not have.
    Unknown,
    /// It cannot be read.
    Syntax,
    /// What the message is of no use without is missing.
    Missing,
    /// A variable is where its value could do harm.
    Place,
    /// An element, attribute or address that mail may not have here.
    Markup,
    /// It cannot be made into a message.
    Value,
}

/// Something that is wrong with a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The part.
    pub part: Part,
    /// The rule.
    pub rule: Rule,
    /// The same in words.
    pub detail: String,
    /// The line, 1 for the first.
    pub line: u32,
    /// The letter of the line, 1 for the first.
    pub column: u32,
    /// Whether it is only to be thought about.
    pub is_warning: bool,
}

impl Part {
    /// Its name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Text => "text",
            Self::Html => "html",
        }
    }
}

impl Rule {
    /// Its name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Length => "length",
            Self::Statement => "template_statement_refused",
            Self::Unknown => "unknown_variable",
            Self::Syntax => "syntax",
            Self::Missing => "required",
            Self::Place => "variable_in_unsafe_place",
            Self::Markup => "markup_refused",
            Self::Value => "value",
        }
    }
}

impl Problem {
    pub(super) fn at(part: Part, source: &str, at: usize, rule: Rule, detail: impl Into<String>) -> Self {
        let before = &source[..at.min(source.len())];
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Self {
            part,
            rule,
            detail: detail.into(),
            line: number(line),
            column: number(column),
            is_warning: false,
        }
    }
}
