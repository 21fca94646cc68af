//! Reads a template by our own grammar before the engine sees it: it may print what is declared and branch on it, and
//! nothing else. So it costs no more than its own length; `{% set a = a ~ a %}` sixty times would have 2^60 letters.

use super::problem::{MOST, Part, Problem, Rule};
use std::ops::Range;

/// Branches within branches.
const DEPTH: usize = 8;
/// Words and signs between `{{` and `}}`.
const TOKENS: usize = 64;
const FILTERS: [&str; 4] = ["upper", "lower", "trim", "default"];

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    /// Where it is.
    pub(super) at: Range<usize>,
    pub(super) is: Is<'a>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Is<'a> {
    Text(&'a str),
    /// Prints this variable, with filters or as it is; or something else.
    Print {
        of: Option<&'a str>,
        bare: bool,
    },
    If,
    Elif,
    Else,
    Endif,
    /// Prints nothing.
    Comment,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'a> {
    Word(&'a str),
    Literal,
    Sign(&'a str),
}

/// What a template is read with.
pub(super) struct Reader<'a> {
    source: &'a str,
    part: Part,
    known: &'a [&'a str],
    pub(super) problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(source: &'a str, part: Part, known: &'a [&'a str]) -> Self {
        Self {
            source,
            part,
            known,
            problems: vec![],
        }
    }

    fn wrong(&mut self, at: usize, rule: Rule, detail: impl Into<String>) {
        // Nobody reads more, and each is looked for from the beginning.
        if self.problems.len() < MOST {
            self.problems
                .push(Problem::at(self.part, self.source, at, rule, detail));
        }
    }

    /// The pieces of the template, as far as they can be told.
    pub(super) fn read(&mut self) -> Vec<Piece<'a>> {
        let source = self.source;
        let (mut pieces, mut at) = (vec![], 0);
        while at < source.len() {
            let rest = &source[at..];
            let mut braces = rest.match_indices('{').map(|(at, _)| at);
            let begins = braces.find(|at| rest[at + 1..].starts_with(['{', '%', '#']));
            let text = begins.unwrap_or(rest.len());
            if text > 0 {
                let is = Is::Text(&rest[..text]);
                pieces.push(Piece { at: at..at + text, is });
            }
            at += text;
            if begins.is_none() {
                break;
            }
            let Some((end, is)) = self.tag(at) else { break };
            pieces.push(Piece { at: at..end, is });
            at = end;
        }
        if self.problems.is_empty() {
            self.nesting(&pieces);
        }
        pieces
    }

    /// What begins here with a brace: where it ends, and what it is. None if it does not end.
    fn tag(&mut self, at: usize) -> Option<(usize, Is<'a>)> {
        let source = self.source;
        let (open, close) = match &source[at..at + 2] {
            "{#" => {
                let Some(length) = source[at..].find("#}") else {
                    self.wrong(at, Rule::Syntax, "the comment does not end: #} is missing");
                    return None;
                };
                return Some((at + length + 2, Is::Comment));
            }
            "{{" => ("{{", "}}"),
            _ => ("{%", "%}"),
        };
        let (tokens, end) = self.tokens(at, close)?;
        let is = match open {
            "{{" => self.print(at, &tokens),
            _ => self.statement(at, &tokens),
        };
        // One that is refused prints nothing; the others are read on.
        Some((end, is.unwrap_or(Is::Comment)))
    }

    /// The tokens up to the closing braces, and where these end.
    fn tokens(&mut self, open: usize, close: &str) -> Option<(Vec<(usize, Token<'a>)>, usize)> {
        let source = self.source;
        let mut at = open + 2;
        at += usize::from(source[at..].starts_with(['-', '+']));
        let mut tokens = vec![];
        loop {
            let rest = &source[at..];
            at += rest.len() - rest.trim_start().len();
            let rest = &source[at..];
            if let Some(end) = [0, 1].into_iter().find(|skip| match skip {
                0 => rest.starts_with(close),
                _ => rest.starts_with(['-', '+']) && rest[1..].starts_with(close),
            }) {
                return Some((tokens, at + end + close.len()));
            }
            let Some(first) = rest.chars().next() else {
                self.wrong(open, Rule::Syntax, format!("does not end: {close} is missing"));
                return None;
            };
            let (token, length) = match first {
                'a'..='z' | 'A'..='Z' | '_' => {
                    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                    let word = &rest[..end.unwrap_or(rest.len())];
                    (Token::Word(word), word.len())
                }
                '0'..='9' => {
                    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
                    (Token::Literal, end)
                }
                '"' | '\'' => match self.string(at, first) {
                    Some(length) => (Token::Literal, length),
                    None => return None,
                },
                _ if rest.starts_with("==") || rest.starts_with("!=") => (Token::Sign(&rest[..2]), 2),
                '|' | '(' | ')' => (Token::Sign(&rest[..1]), 1),
                _ => {
                    let why =
                        format!("{first:?} cannot be used here: a template prints variables and branches on them");
                    self.wrong(at, Rule::Statement, why);
                    return None;
                }
            };
            if tokens.len() == TOKENS {
                self.wrong(
                    at,
                    Rule::Statement,
                    format!("is too long: {TOKENS} words and signs are the most"),
                );
                return None;
            }
            tokens.push((at, token));
            at += length;
        }
    }

    /// The length of the text in quotes that begins here.
    fn string(&mut self, at: usize, quote: char) -> Option<usize> {
        let inside = &self.source[at + 1..];
        let Some(length) = inside.find(quote) else {
            self.wrong(at, Rule::Syntax, "the text does not end: a quotation mark is missing");
            return None;
        };
        if inside[..length].contains(['\\', '\n', '\r']) {
            self.wrong(at, Rule::Statement, "a text in quotes is one line without backslashes");
            return None;
        }
        Some(length + 2)
    }

    fn print(&mut self, at: usize, tokens: &[(usize, Token<'a>)]) -> Option<Is<'a>> {
        let mut left = tokens;
        self.expression(at, &mut left)?;
        if let Some((at, _)) = left.first() {
            self.wrong(*at, Rule::Statement, "one variable is printed at a time");
            return None;
        }
        // Of `a and b` it cannot be told what is printed.
        let is_single = !tokens.iter().any(|(_, token)| match token {
            Token::Word(word) => ["and", "or", "not"].contains(word),
            Token::Sign(sign) => ["==", "!="].contains(sign),
            Token::Literal => false,
        });
        let of = match tokens.first() {
            Some((_, Token::Word(word))) if is_single => Some(*word),
            _ => None,
        };
        let bare = of.is_some() && tokens.len() == 1;
        Some(Is::Print { of, bare })
    }

    fn statement(&mut self, at: usize, tokens: &[(usize, Token<'a>)]) -> Option<Is<'a>> {
        let Some((_, Token::Word(word))) = tokens.first() else {
            self.wrong(
                at,
                Rule::Statement,
                "if, elif, else and endif are the statements there are",
            );
            return None;
        };
        let mut left = &tokens[1..];
        let is = match *word {
            "if" => Is::If,
            "elif" => Is::Elif,
            "else" => Is::Else,
            "endif" => Is::Endif,
            other => {
                let why = format!("{other} cannot be used: if, elif, else and endif are the statements there are");
                self.wrong(at, Rule::Statement, why);
                return None;
            }
        };
        if matches!(is, Is::If | Is::Elif) {
            self.expression(at, &mut left)?;
        }
        if let Some((at, _)) = left.first() {
            self.wrong(*at, Rule::Statement, "is more than the statement takes");
            return None;
        }
        Some(is)
    }

    /// Terms with `and` or `or` between them.
    fn expression(&mut self, at: usize, left: &mut &[(usize, Token<'a>)]) -> Option<()> {
        loop {
            while let [(_, Token::Word("not")), rest @ ..] = *left {
                *left = rest;
            }
            self.value(at, left)?;
            if let [(_, Token::Sign("==" | "!=")), rest @ ..] = *left {
                *left = rest;
                self.value(at, left)?;
            }
            match *left {
                [(_, Token::Word("and" | "or")), rest @ ..] => *left = rest,
                _ => return Some(()),
            }
        }
    }

    /// A variable or a literal, with filters.
    fn value(&mut self, at: usize, left: &mut &[(usize, Token<'a>)]) -> Option<()> {
        let Some(((here, token), rest)) = left.split_first() else {
            self.wrong(at, Rule::Syntax, "a variable is missing");
            return None;
        };
        match token {
            Token::Literal => {}
            Token::Word(word) if self.known.contains(word) => {}
            Token::Word(word) => {
                let known = self.known.join(", ");
                let why = format!("{word} is no variable of this message; there are {known}");
                self.wrong(*here, Rule::Unknown, why);
                return None;
            }
            Token::Sign(sign) => {
                self.wrong(*here, Rule::Statement, format!("{sign} cannot be used here"));
                return None;
            }
        }
        *left = rest;
        while let [(bar, Token::Sign("|")), rest @ ..] = *left {
            let filter = match rest.first() {
                Some((_, Token::Word(filter))) if FILTERS.contains(filter) => *filter,
                _ => {
                    let why = format!("the filters are {}", FILTERS.join(", "));
                    self.wrong(*bar, Rule::Statement, why);
                    return None;
                }
            };
            *left = &rest[1..];
            if filter == "default" {
                let [
                    (_, Token::Sign("(")),
                    (_, Token::Literal),
                    (_, Token::Sign(")")),
                    rest @ ..,
                ] = *left
                else {
                    self.wrong(
                        *bar,
                        Rule::Statement,
                        "default takes one text or number: default(\"you\")",
                    );
                    return None;
                };
                *left = rest;
            }
        }
        Some(())
    }

    /// Whether every branch ends, and not too many are within one another.
    fn nesting(&mut self, pieces: &[Piece<'a>]) {
        // For each that is open: where, and whether its `else` was there.
        let mut open: Vec<(usize, bool)> = vec![];
        for piece in pieces {
            let (at, depth) = (piece.at.start, open.len());
            match (piece.is, open.last_mut()) {
                (Is::If, _) if depth == DEPTH => {
                    let why = format!("too many branches within one another: {DEPTH} are the most");
                    return self.wrong(at, Rule::Statement, why);
                }
                (Is::If, _) => open.push((at, false)),
                (Is::Else, Some((_, had_else @ false))) => *had_else = true,
                (Is::Elif, Some((_, false))) | (Is::Text(_) | Is::Print { .. } | Is::Comment, _) => {}
                (Is::Endif, Some(_)) => drop(open.pop()),
                (Is::Elif | Is::Else | Is::Endif, _) => {
                    return self.wrong(at, Rule::Syntax, "there is no if that this belongs to");
                }
            }
        }
        if let Some((at, _)) = open.last() {
            self.wrong(*at, Rule::Syntax, "the if does not end: {% endif %} is missing");
        }
    }
}

/// Whether one of these is printed whichever way the branches go.
pub(super) fn always_prints(pieces: &[Piece<'_>], wanted: &[&str]) -> bool {
    struct Branches {
        /// Whether the branch that is read prints one.
        this: bool,
        /// Whether all before it did.
        all: bool,
        has_else: bool,
    }
    let (mut prints, mut open) = (false, Vec::<Branches>::new());
    for piece in pieces {
        match (piece.is, open.last_mut()) {
            (Is::Print { of: Some(of), .. }, branch) if wanted.contains(&of) => match branch {
                Some(branch) => branch.this = true,
                None => prints = true,
            },
            (Is::If, _) => open.push(Branches {
                this: false,
                all: true,
                has_else: false,
            }),
            (Is::Elif | Is::Else, Some(branch)) => {
                branch.all &= branch.this;
                branch.this = false;
                branch.has_else |= piece.is == Is::Else;
            }
            (Is::Endif, Some(_)) => {
                let ended = open
                    .pop()
                    .is_some_and(|ended| ended.has_else && ended.all && ended.this);
                match open.last_mut() {
                    Some(outer) => outer.this |= ended,
                    None => prints |= ended,
                }
            }
            _ => {}
        }
    }
    prints
}
