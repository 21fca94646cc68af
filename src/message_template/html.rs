//! Reads the HTML of a template as strictly as it can be written: what is not on a list is refused, and nothing is mended.
//!
//! Every `<` begins an element of the list, its end, a comment or the document type: none can be in a value of an
//! attribute or in a comment. So it does not matter how a mail program reads what is around it: there is no place from
//! which it could read an element that was not checked here. Branches are in text alone, so that each was checked as well.

use super::{
    problem::{MOST, Part, Problem, Rule},
    reader::{Is, Piece},
};

/// Elements that mail may have.
const ELEMENTS: &str = " html head title body div p span a img table caption colgroup col thead tbody tfoot tr td th h1 h2 \
                        h3 h4 h5 h6 ul ol li dl dt dd br wbr hr strong b em i u s small big sub sup center font \
                        blockquote q pre code abbr address section article header footer main figure figcaption ";
/// Attributes that they may have.
const ATTRIBUTES: &str = " align valign width height bgcolor border cellpadding cellspacing colspan rowspan span scope \
                          style class id title alt lang dir role color face size nowrap start type href src target rel \
                          aria-label aria-hidden ";
/// Bytes of a picture that is in the message itself.
const PICTURE: usize = 8 * 1024;

/// A letter of the source, or what is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Item<'a> {
    Letter(char),
    /// A variable as it is, or else something that is printed.
    Print(Option<&'a str>),
    /// `if`, `elif`, `else`, `endif`.
    Branch,
    End,
}

struct Markup<'a> {
    source: &'a str,
    items: Vec<(usize, Item<'a>)>,
    next: usize,
    problems: Vec<Problem>,
    warnings: Vec<Problem>,
}

/// An attribute's value.
#[derive(Default)]
struct Value<'a> {
    literal: String,
    printed: Vec<(usize, Option<&'a str>)>,
}

/// What is wrong with the HTML of a template.
pub(super) fn check(source: &str, pieces: &[Piece<'_>]) -> Vec<Problem> {
    let mut items = Vec::with_capacity(source.len());
    for piece in pieces {
        let at = piece.at.start;
        match piece.is {
            Is::Text(text) => items.extend(text.char_indices().map(|(n, letter)| (at + n, Item::Letter(letter)))),
            Is::Print { of, bare } => items.push((at, Item::Print(of.filter(|_| bare)))),
            Is::If | Is::Elif | Is::Else | Is::Endif => items.push((at, Item::Branch)),
            Is::Comment => {}
        }
    }
    let mut markup = Markup {
        source,
        items,
        next: 0,
        problems: vec![],
        warnings: vec![],
    };
    while markup.peek() != Item::End && markup.problems.len() < MOST {
        if markup.take().1 == Item::Letter('<') {
            // What follows a thing that cannot be read is not read, either.
            if markup.tag().is_none() {
                break;
            }
        }
    }
    markup.problems.append(&mut markup.warnings);
    markup.problems
}

impl<'a> Markup<'a> {
    fn peek(&self) -> Item<'a> {
        self.items.get(self.next).map_or(Item::End, |(_, item)| *item)
    }

    fn at(&self) -> usize {
        self.items.get(self.next).map_or(self.source.len(), |(at, _)| *at)
    }

    fn take(&mut self) -> (usize, Item<'a>) {
        let taken = (self.at(), self.peek());
        self.next += 1;
        taken
    }

    fn wrong(&mut self, at: usize, rule: Rule, detail: impl Into<String>) {
        // Each is looked for from the beginning.
        if self.problems.len() < MOST {
            self.problems
                .push(Problem::at(Part::Html, self.source, at, rule, detail));
        }
    }

    fn starts_with(&self, text: &str) -> bool {
        let ahead = self.items.iter().skip(self.next).map(|(_, item)| *item);
        let mut letters = text.chars();
        let is_same = ahead.take(text.chars().count()).all(|item| {
            let letter = letters.next();
            matches!((item, letter), (Item::Letter(a), Some(b)) if a.eq_ignore_ascii_case(&b))
        });
        is_same && letters.next().is_none()
    }

    fn blanks(&mut self) -> usize {
        let before = self.next;
        while matches!(self.peek(), Item::Letter(letter) if letter.is_ascii_whitespace()) {
            self.next += 1;
        }
        self.next - before
    }

    fn word(&mut self) -> String {
        let mut word = String::new();
        while let Item::Letter(letter) = self.peek() {
            if !letter.is_ascii_alphanumeric() && letter != '-' {
                break;
            }
            word.push(letter.to_ascii_lowercase());
            self.next += 1;
        }
        word
    }

    /// What begins with the `<` before. None if it cannot be read.
    fn tag(&mut self) -> Option<()> {
        let at = self.at().saturating_sub(1);
        if self.starts_with("!--") {
            self.next += 3;
            return self.until(at, "-->", "the comment");
        }
        if self.starts_with("!doctype") {
            return self.until(at, ">", "the document type");
        }
        let ends = self.peek() == Item::Letter('/');
        self.next += usize::from(ends);
        let name = self.word();
        if name.is_empty() {
            self.wrong(at, Rule::Markup, "a < that begins no element is written &lt;");
            return None;
        }
        if !ELEMENTS.contains(&format!(" {name} ")) {
            self.wrong(at, Rule::Markup, format!("<{name}> cannot be used in a message"));
            return None;
        }
        if ends {
            self.blanks();
            return match self.take().1 {
                Item::Letter('>') => Some(()),
                _ => self.unreadable(at),
            };
        }
        self.attributes(at, &name)
    }

    fn unreadable(&mut self, at: usize) -> Option<()> {
        let why = "the element cannot be read: it is written <name attribute=\"value\">, without branches or variables \
                   outside of values";
        self.wrong(at, Rule::Markup, why);
        None
    }

    /// Goes on after what ends here; nothing is printed in it.
    fn until(&mut self, at: usize, end: &str, what: &str) -> Option<()> {
        loop {
            if self.starts_with(end) {
                self.next += end.len();
                return Some(());
            }
            match self.take() {
                (_, Item::Letter('<') | Item::End) => {
                    self.wrong(at, Rule::Markup, format!("{what} does not end, or has a < in it"));
                    return None;
                }
                (_, Item::Letter(_)) => {}
                (here, Item::Print(_) | Item::Branch) => {
                    self.wrong(here, Rule::Place, format!("nothing is printed in {what}"));
                    return None;
                }
            }
        }
    }

    fn attributes(&mut self, at: usize, element: &str) -> Option<()> {
        loop {
            let blanks = self.blanks();
            let here = self.at();
            match self.peek() {
                Item::Letter('>') => {
                    self.next += 1;
                    return Some(());
                }
                Item::Letter('/') if self.starts_with("/>") => {
                    self.next += 2;
                    return Some(());
                }
                Item::Letter(letter) if letter.is_ascii_alphabetic() && blanks > 0 => {}
                Item::Print(_) | Item::Branch => {
                    self.wrong(
                        here,
                        Rule::Place,
                        "nothing is printed, and no branch begins or ends, inside a tag",
                    );
                    return None;
                }
                _ => return self.unreadable(at),
            }
            let name = self.word();
            if !ATTRIBUTES.contains(&format!(" {name} ")) {
                self.wrong(
                    here,
                    Rule::Markup,
                    format!("the attribute {name} cannot be used in a message"),
                );
            }
            if self.peek() != Item::Letter('=') {
                continue;
            }
            self.next += 1;
            self.blanks();
            let value = self.value(at)?;
            self.attribute((here, element, &name), &value);
        }
    }

    /// What is between quotation marks.
    fn value(&mut self, at: usize) -> Option<Value<'a>> {
        let Item::Letter(quote @ ('"' | '\'')) = self.take().1 else {
            self.unreadable(at);
            return None;
        };
        let mut value = Value::default();
        loop {
            match self.take() {
                (_, Item::Letter(letter)) if letter == quote => return Some(value),
                (here, Item::Letter('<' | '>')) => {
                    self.wrong(here, Rule::Markup, "in a value, < is written &lt; and > is &gt;");
                    return None;
                }
                (_, Item::Letter(letter)) => value.literal.push(letter),
                (here, Item::Print(of)) => value.printed.push((here, of)),
                (here, Item::Branch) => {
                    self.wrong(here, Rule::Place, "no branch begins or ends inside a value");
                    return None;
                }
                (_, Item::End) => {
                    self.unreadable(at);
                    return None;
                }
            }
        }
    }

    fn attribute(&mut self, (at, element, name): (usize, &str, &str), value: &Value<'a>) {
        for (here, of) in &value.printed {
            let is_alone = value.literal.is_empty() && value.printed.len() == 1;
            let is_safe = match (name, of) {
                ("href", Some("link")) | ("lang", Some("language")) => is_alone,
                ("style" | "bgcolor", Some("color" | "ink")) => true,
                _ => false,
            };
            if !is_safe {
                let why = "in a value, link can be alone in href, language in lang, color and ink in style and bgcolor; \
                           each as it is";
                self.wrong(*here, Rule::Place, why);
            }
        }
        let literal = value.literal.as_str();
        let refused = match (name, element) {
            ("href", "a") if !value.printed.is_empty() => None,
            ("href", "a") => address_problem(literal),
            ("src", "img") => self.picture(at, literal),
            ("href" | "src", _) => Some("an address is in href of a, and in src of img"),
            ("style", _) => style_problem(literal),
            _ => None,
        };
        if let Some(why) = refused {
            self.wrong(at, Rule::Markup, why);
        }
    }

    fn picture(&mut self, at: usize, address: &str) -> Option<&'static str> {
        let plain = address.to_ascii_lowercase();
        if plain.starts_with("https://") {
            let why =
                "the picture is fetched when the message is read, which tells its server; many programs show none";
            let problem = plainly(address);
            if problem.is_none() && self.warnings.len() < MOST {
                let mut warning = Problem::at(Part::Html, self.source, at, Rule::Markup, why);
                warning.is_warning = true;
                self.warnings.push(warning);
            }
            return problem;
        }
        let kinds = ["png", "jpeg", "gif", "webp"].map(|kind| format!("data:image/{kind};base64,"));
        let data = kinds.iter().find_map(|kind| plain.strip_prefix(kind.as_str()));
        match data {
            Some(data) if data.len() > PICTURE => Some("a picture inside the message has up to 8 KiB"),
            Some(data) if data.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b)) => None,
            _ => Some("the address of a picture begins with https://, or is data:image/png;base64, …"),
        }
    }
}

/// Why this is no address that a link may have.
fn address_problem(address: &str) -> Option<&'static str> {
    let plain = address.to_ascii_lowercase();
    let known = ["https://", "http://", "mailto:", "tel:", "#"];
    match known.iter().any(|start| plain.starts_with(start)) {
        true => plainly(address),
        false => Some("an address begins with https://, http://, mailto: or tel:"),
    }
}

/// An address has no blanks, and no reference but `&amp;`, so that it is read in one way.
fn plainly(address: &str) -> Option<&'static str> {
    let has_others = address.replace("&amp;", "").contains('&');
    let has_blanks = address.contains(|c: char| c.is_whitespace() || c.is_control());
    (has_others || has_blanks).then_some("an address has no blanks, and & is written &amp; in it")
}

/// Why this is no style of a message: nothing is fetched by one, and nothing is hidden from who checks it.
fn style_problem(style: &str) -> Option<&'static str> {
    let plain = style.to_ascii_lowercase();
    let words = ["url", "src(", "image(", "image-set", "expression", "javascript"];
    let has = words.iter().any(|word| plain.contains(word)) || plain.contains(['\\', '&', '@']) || plain.contains("/*");
    has.then_some("a style has no url, no @, no \\ and no &")
}
