//! The parts of a page.

use super::text::Text;
use crate::{captcha::Action, password::Rules};
use serde::Serialize;
use std::borrow::Cow;

/// A page.
#[derive(Default, Serialize)]
pub(super) struct Page {
    pub(super) title: Cow<'static, str>,
    /// Paragraphs before the form.
    pub(super) lead: Vec<Cow<'static, str>>,
    /// What they are about, point by point.
    pub(super) list: Vec<String>,
    pub(super) form: Option<Fields>,
    pub(super) links: Vec<Link>,
    /// Other ways to do what the form does.
    pub(super) ways: Vec<Link>,
    /// The problems with the form that was sent.
    pub(super) problems: Vec<Problem>,
    /// The act of the form, if a CAPTCHA may be asked for it.
    #[serde(skip)]
    pub(super) action: Option<Action>,
}

/// A form of a page.
#[derive(Serialize)]
pub(super) struct Fields {
    /// The page it is sent to; its own if none, with the query it was opened with: a link's token
    /// stays in the address and is never written into a page.
    pub(super) action: Option<&'static str>,
    pub(super) inputs: Vec<Field>,
    pub(super) button: &'static str,
    /// The name and text of another button, which weighs as much.
    other: Option<(&'static str, &'static str)>,
}

/// A field of a form.
#[derive(Serialize)]
pub(super) struct Field {
    pub(super) name: &'static str,
    label: &'static str,
    kind: &'static str,
    autocomplete: &'static str,
    /// The value that was typed before; never a password.
    value: String,
    hint: Option<&'static str>,
    /// What is asked of a password, rule by rule.
    rules: Vec<Rule>,
    required: bool,
    fixed: bool,
    errors: Vec<Cow<'static, str>>,
}

/// One thing that is asked of a password.
#[derive(Serialize)]
struct Rule {
    /// What a password fails with that does not meet it.
    code: &'static str,
    number: Option<u16>,
    text: String,
}

/// A link below the form.
#[derive(Serialize)]
pub(super) struct Link {
    pub(super) text: Cow<'static, str>,
    pub(super) to: String,
    /// A picture before the text, from a file of the program.
    mark: Option<&'static str>,
}

impl Link {
    pub(super) fn new(text: impl Into<Cow<'static, str>>, to: String) -> Self {
        let text = text.into();
        Self { text, to, mark: None }
    }

    /// With this picture, if there is one.
    pub(super) fn marked(self, mark: Option<&'static str>) -> Self {
        Self { mark, ..self }
    }
}

/// Something that was wrong.
#[derive(Serialize)]
pub(super) struct Problem {
    pub(super) text: String,
    /// The field it is about, if the page has it.
    pub(super) field: Option<&'static str>,
}

impl Field {
    /// A field that must be filled in. `kind` is the input's type.
    pub(super) fn new(name: &'static str, label: &'static str, kind: &'static str, autocomplete: &'static str) -> Self {
        Self {
            name,
            label,
            kind,
            autocomplete,
            value: String::new(),
            hint: None,
            rules: vec![],
            required: true,
            fixed: false,
            errors: vec![],
        }
    }

    pub(super) fn hint(mut self, hint: &'static str) -> Self {
        self.hint = Some(hint);
        self
    }

    /// With what is asked of a password, in words.
    pub(super) fn asked(mut self, rules: &Rules, text: Text) -> Self {
        let rule = |(code, number): (&'static str, Option<u16>)| Rule {
            code,
            number,
            text: text.rule(code, number),
        };
        self.rules = rules.asked().into_iter().map(rule).collect();
        self
    }

    pub(super) fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    /// With what was typed before.
    pub(super) fn typed(mut self, value: &str) -> Self {
        value.clone_into(&mut self.value);
        self
    }

    /// With a value that is not theirs to choose.
    pub(super) fn fixed(self, value: &str) -> Self {
        let mut field = self.typed(value);
        field.fixed = true;
        field
    }
}

impl Page {
    /// A page with a title.
    pub(super) fn new(title: impl Into<Cow<'static, str>>) -> Self {
        Self {
            title: title.into(),
            ..Self::default()
        }
    }

    /// Whether it says of a password that is typed which rules it meets.
    pub(super) fn judges(&self) -> bool {
        let mut fields = self.form.iter().flat_map(|form| &form.inputs);
        fields.any(|field| !field.rules.is_empty())
    }

    /// With one more paragraph.
    pub(super) fn lead(mut self, text: impl Into<Cow<'static, str>>) -> Self {
        self.lead.push(text.into());
        self
    }

    /// With a form that is sent to the page's own address.
    pub(super) fn form(self, button: &'static str, inputs: Vec<Field>) -> Self {
        self.form_to(None, button, inputs)
    }

    /// With a form that is sent to `action`.
    pub(super) fn form_to(mut self, action: Option<&'static str>, button: &'static str, inputs: Vec<Field>) -> Self {
        self.form = Some(Fields {
            action,
            inputs,
            button,
            other: None,
        });
        self
    }

    /// With another button in the form, of this name and text.
    pub(super) fn or(mut self, other: (&'static str, &'static str)) -> Self {
        if let Some(form) = &mut self.form {
            form.other = Some(other);
        }
        self
    }

    /// With points below the paragraphs.
    pub(super) fn list(mut self, points: Vec<String>) -> Self {
        self.list = points;
        self
    }

    /// With a form that does this, for which a CAPTCHA may be asked.
    pub(super) fn does(mut self, action: Action) -> Self {
        self.action = Some(action);
        self
    }

    /// With one more link.
    pub(super) fn link(mut self, text: &'static str, to: String) -> Self {
        self.links.push(Link::new(text, to));
        self
    }

    /// With one more way to do what the form does.
    pub(super) fn way(mut self, link: Link) -> Self {
        self.ways.push(link);
        self
    }

    /// Says what is wrong with a field: beside it, and at the top with a link to it.
    pub(super) fn complain(&mut self, field: &str, text: Cow<'static, str>) {
        let fields = self.form.iter_mut().flat_map(|form| &mut form.inputs);
        let found = fields.into_iter().find(|known| known.name == field);
        let Some(found) = found else {
            let text = text.into_owned();
            return self.problems.push(Problem { text, field: None });
        };
        self.problems.push(Problem {
            text: format!("{}: {text}", found.label),
            field: Some(found.name),
        });
        found.errors.push(text);
    }
}
