//! Conditions and orders of lists, and how requests of the console group write them.

use super::error::{Error, Result};
use sea_orm::{ColumnTrait, ExprTrait, sea_query::Expr};

pub(super) const MAX_SELECTORS: usize = 20;
const MAX_VALUES: usize = 20;
pub(super) const MAX_SORTS: usize = 3;
const MAX_LENGTH: usize = 253;

/// Which values something may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Values {
    /// One of these.
    In(Vec<String>),
    /// None of these.
    NotIn(Vec<String>),
}

impl Values {
    /// The same of other texts.
    #[must_use]
    pub fn mapped(self, f: impl Fn(&str) -> String) -> Self {
        let each = |values: Vec<String>| values.iter().map(|value| f(value)).collect();
        match self {
            Self::In(values) => Self::In(each(values)),
            Self::NotIn(values) => Self::NotIn(each(values)),
        }
    }

    /// Whether a text is one of them, or none of what it may not be.
    #[must_use]
    pub fn has(&self, text: &str) -> bool {
        match self {
            Self::In(values) => values.iter().any(|value| value == text),
            Self::NotIn(values) => values.iter().all(|value| value != text),
        }
    }

    /// That a column of text has them.
    pub fn of(&self, column: impl ColumnTrait) -> Expr {
        // As text, also where the column is read as something else.
        let (values, is_in) = match self {
            Self::In(values) => (values, true),
            Self::NotIn(values) => (values, false),
        };
        let values = values.iter().map(|value| Expr::value(value.as_str()));
        let column = column.into_expr();
        if is_in {
            column.is_in(values)
        } else {
            column.is_not_in(values)
        }
    }
}

/// A condition on a label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// Its value.
    Value(Values),
    /// That it is there, whatever its value.
    Exists,
    /// That it is not there.
    Missing,
}

/// In which direction a list is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The smallest comes first.
    Ascending,
    /// The largest comes first.
    Descending,
}

/// A condition on a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldSelector<T> {
    /// The name of the field in the request.
    pub name: &'static str,
    /// The field.
    pub field: T,
    /// Its values.
    pub values: Values,
}

/// Reads every `labelSelector`, as Kubernetes writes it: conditions with commas between them, each
/// `key`, `!key`, `key=value`, `key==value`, `key!=value`, `key in (a,b)` or `key notin (a,b)`; and
/// as Halo does, `key=(a,b)` and `key!=(a,b)`. All must hold.
///
/// # Errors
/// One of them is something else, has a key no label can have, or is too long.
pub fn labels(texts: &[String]) -> Result<Vec<(String, Test)>> {
    let parameter = Parameter("labelSelector");
    let conditions = parameter.each(texts, MAX_SELECTORS, |text| {
        let conditions = split(text).into_iter().map(|text| {
            let (key, test) = match parameter.set_based(text)? {
                Some(found) => found,
                None => parameter.condition(text)?,
            };
            match label_key_problem(key) {
                Some(problem) => Err(parameter.wrong("format", "key", key, problem)),
                None => Ok((key.to_owned(), test)),
            }
        });
        conditions.collect::<Result<Vec<_>>>()
    })?;
    let conditions = conditions.concat();
    match conditions.len() > MAX_SELECTORS {
        true => Err(Error::field(
            parameter.0,
            "length",
            format!("may have at most {MAX_SELECTORS} conditions"),
        )),
        false => Ok(conditions),
    }
}

/// The conditions of a selector: what its commas outside of parentheses separate.
fn split(text: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    let conditions = text.split(|c| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    });
    conditions.map(str::trim).collect()
}

/// Reads every `fieldSelector`: `key=value`, `key!=value`, `key=(a,b)`, `key!=(a,b)`, the key one of
/// the names of `known` fields.
///
/// # Errors
/// One of them is something else, has another key, or is too long.
pub fn fields<T: Copy>(texts: &[String], known: &[(&'static str, T)]) -> Result<Vec<FieldSelector<T>>> {
    let parameter = Parameter("fieldSelector");
    parameter.each(texts, MAX_SELECTORS, |text| {
        let (key, test) = parameter.condition(text)?;
        let Test::Value(values) = test else {
            let problem = "must compare a field with a value, such as name=ada or name!=(ada,bob)";
            return Err(parameter.wrong("format", "condition", text, problem));
        };
        let (name, field) = parameter.known(key, known)?;
        Ok(FieldSelector { name, field, values })
    })
}

/// Reads every `sort`: `property`, `property,asc` or `property,desc`, the property one of the names
/// of `known` orders.
///
/// # Errors
/// One of them is something else, has another property or one that was there before, or there are
/// more than three.
pub fn sorts<T: Copy + PartialEq>(texts: &[String], known: &[(&'static str, T)]) -> Result<Vec<(T, Direction)>> {
    let parameter = Parameter("sort");
    let sorts = parameter.each(texts, MAX_SORTS, |text| {
        let (key, direction) = text.split_once(',').unwrap_or((text, "asc"));
        let (key, direction) = (key.trim(), direction.trim());
        let (name, order) = parameter.known(key, known)?;
        if direction.eq_ignore_ascii_case("asc") {
            Ok((name, order, Direction::Ascending))
        } else if direction.eq_ignore_ascii_case("desc") {
            Ok((name, order, Direction::Descending))
        } else {
            Err(parameter.wrong("value", "direction", direction, "must be asc or desc"))
        }
    })?;
    for (index, (name, order, _)) in sorts.iter().enumerate() {
        if sorts[..index].iter().any(|(_, earlier, _)| earlier == order) {
            return Err(parameter.wrong("value", "property", name, "may be there only once"));
        }
    }
    Ok(sorts
        .into_iter()
        .map(|(_, order, direction)| (order, direction))
        .collect())
}

/// Why nothing can be labelled with this key, if so.
#[must_use]
pub fn label_key_problem(key: &str) -> Option<&'static str> {
    if key.is_empty() || key.len() > MAX_LENGTH {
        return Some("must have 1 to 253 characters");
    }
    if !key.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-/".contains(&b)) {
        return Some("may only have the letters a-z and A-Z, digits and . _ - /");
    }
    let edge = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
    let begins_and_ends = edge(key.as_bytes().first()) && edge(key.as_bytes().last());
    (!begins_and_ends).then_some("must begin and end with a letter or a digit")
}

/// Why no label can have this value, if so.
#[must_use]
pub fn label_value_problem(value: &str) -> Option<&'static str> {
    if value.chars().count() > MAX_LENGTH {
        return Some("must have at most 253 characters");
    }
    value
        .chars()
        .any(char::is_control)
        .then_some("may not have control characters")
}

/// A parameter of a list, by the name that its errors have.
#[derive(Clone, Copy)]
struct Parameter(&'static str);

impl Parameter {
    /// An error that names the piece of the parameter that is wrong.
    fn wrong(self, code: &str, what: &str, piece: &str, problem: &str) -> Error {
        Error::field(
            self.0,
            code,
            format!("has the {what} \"{}\", which {problem}", shown(piece)),
        )
    }

    /// Reads every text that is not blank.
    fn each<T>(self, texts: &[String], most: usize, read: impl Fn(&str) -> Result<T>) -> Result<Vec<T>> {
        let texts: Vec<&str> = texts
            .iter()
            .map(|text| text.trim())
            .filter(|text| !text.is_empty())
            .collect();
        if texts.len() > most {
            return Err(Error::field(
                self.0,
                "length",
                format!("may be sent at most {most} times"),
            ));
        }
        texts.into_iter().map(read).collect()
    }

    fn known<T: Copy>(self, key: &str, known: &[(&'static str, T)]) -> Result<(&'static str, T)> {
        let found = known.iter().find(|(name, _)| *name == key);
        found.copied().ok_or_else(|| {
            let names: Vec<_> = known.iter().map(|(name, _)| *name).collect();
            let problem = format!("is not one of {}", names.join(", "));
            self.wrong("value", "property", key, &problem)
        })
    }

    fn condition(self, text: &str) -> Result<(&str, Test)> {
        if text.chars().any(char::is_control) {
            let problem = "may not have control characters";
            return Err(self.wrong("format", "condition", text, problem));
        }
        let (key, test) = match text.split_once('=') {
            None => match text.strip_prefix('!') {
                Some(key) => (key, Test::Missing),
                None => (text, Test::Exists),
            },
            Some((left, right)) => {
                let equals = right.strip_prefix('=').unwrap_or(right);
                let (key, values) = match left.strip_suffix('!') {
                    Some(key) => (key, Values::NotIn(self.values(text, right)?)),
                    None => (left, Values::In(self.values(text, equals)?)),
                };
                (key, Test::Value(values))
            }
        };
        let key = key.trim();
        if key.is_empty() {
            return Err(self.wrong("format", "condition", text, "must begin with a key"));
        }
        if key.chars().count() > MAX_LENGTH {
            return Err(self.wrong("length", "key", key, "must have at most 253 characters"));
        }
        Ok((key, test))
    }

    /// `key in (a,b)` and `key notin (a,b)`; `None` if it is neither.
    fn set_based(self, text: &str) -> Result<Option<(&str, Test)>> {
        let Some((key, rest)) = text.split_once(char::is_whitespace) else {
            return Ok(None);
        };
        let rest = rest.trim_start();
        let list = |word: &str| {
            let list = rest.strip_prefix(word)?.trim_start();
            list.starts_with('(').then_some(list)
        };
        let (list, of): (_, fn(Vec<String>) -> Values) = match (list("in"), list("notin")) {
            (Some(list), _) => (list, Values::In),
            (_, Some(list)) => (list, Values::NotIn),
            _ => return Ok(None),
        };
        Ok(Some((key, Test::Value(of(self.values(text, list)?)))))
    }

    /// The values to the right of `=` in `text`: `value`, or `(a,b)`.
    fn values(self, text: &str, right: &str) -> Result<Vec<String>> {
        let right = right.trim();
        let values: Vec<&str> = match right.strip_prefix('(') {
            None => vec![right],
            Some(open) => match open.strip_suffix(')') {
                Some(list) => list.split(',').map(str::trim).collect(),
                None => return Err(self.wrong("format", "condition", text, "must end with a )")),
            },
        };
        if values.len() > MAX_VALUES {
            return Err(self.wrong("length", "condition", text, "must have at most 20 values"));
        }
        if right.starts_with('(') && values.contains(&"") {
            return Err(self.wrong("format", "condition", text, "may not have an empty value in its list"));
        }
        for value in &values {
            if let Some(problem) = label_value_problem(value) {
                return Err(self.wrong("length", "value", value, problem));
            }
        }
        Ok(values.into_iter().map(str::to_owned).collect())
    }
}

/// A piece of what was sent, as far as it fits a sentence.
fn shown(piece: &str) -> String {
    piece.chars().filter(|c| !c.is_control()).take(50).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said<T: std::fmt::Debug>(read: Result<T>) -> String {
        match read {
            Err(Error::Invalid(fields)) => format!("{}: {}", fields[0].code, fields[0].detail),
            other => format!("{other:?}"),
        }
    }

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn every_form_of_a_label_selector_is_read() {
        let one_of = |values: &[&str]| Test::Value(Values::In(texts(values)));
        let none_of = |values: &[&str]| Test::Value(Values::NotIn(texts(values)));
        let long = "v".repeat(253);
        for (text, key, test) in [
            ("a=b", "a", one_of(&["b"])),
            ("a==b", "a", one_of(&["b"])),
            ("a!=b", "a", none_of(&["b"])),
            ("a=(b,c)", "a", one_of(&["b", "c"])),
            ("a==(b)", "a", one_of(&["b"])),
            (" a != ( b , c ) ", "a", none_of(&["b", "c"])),
            ("a=", "a", one_of(&[""])),
            ("a=b=c", "a", one_of(&["b=c"])),
            ("a===b", "a", one_of(&["=b"])),
            ("a=!b)", "a", one_of(&["!b)"])),
            ("a=é ü", "a", one_of(&["é ü"])),
            (&format!("a={long}"), "a", one_of(&[&long])),
            ("halo.run/is-hidden_1", "halo.run/is-hidden_1", Test::Exists),
            ("!a", "a", Test::Missing),
            ("! a", "a", Test::Missing),
        ] {
            let key = key.to_owned();
            assert_eq!(labels(&texts(&[text])).unwrap(), [(key, test)], "{text}");
        }
        assert_eq!(labels(&texts(&["", "a", "  ", "!b"])).unwrap().len(), 2);
    }

    #[test]
    fn what_is_wrong_with_a_selector_is_said() {
        let many = format!("a=({})", ["v"; 21].join(","));
        let long_key = "k".repeat(254);
        let long_value = format!("a={}", "v".repeat(254));
        for (text, expected) in [
            ("=b", "format: has the condition \"=b\", which must begin with a key"),
            ("!", "format: has the condition \"!\", which must begin with a key"),
            ("!!a", "format: has the key \"!a\", which may only have the letters"),
            ("!a=b", "format: has the key \"!a\", which may only have the letters"),
            ("a b=c", "format: has the key \"a b\", which may only have the letters"),
            ("é=c", "format: has the key \"é\", which may only have the letters"),
            ("a.", "format: has the key \"a.\", which must begin and end with"),
            ("-a=b", "format: has the key \"-a\", which must begin and end with"),
            ("a=(b", "format: has the condition \"a=(b\", which must end with a )"),
            (
                "a=()",
                "format: has the condition \"a=()\", which may not have an empty value",
            ),
            (
                "a=(b,,c)",
                "format: has the condition \"a=(b,,c)\", which may not have an empty",
            ),
            (
                "a=\0b",
                "format: has the condition \"a=b\", which may not have control characters",
            ),
            (
                "a\u{1b}[31m",
                "format: has the condition \"a[31m\", which may not have control",
            ),
            (&many, "length: has the condition \"a=(v,v,"),
            (&long_key, "length: has the key \"kkkk"),
            (&long_value, "length: has the value \"vvvv"),
        ] {
            let said = said(labels(&texts(&[text])));
            assert!(said.starts_with(expected), "{text:?}: {said}");
            assert!(said.len() < 200, "{said}");
        }
        let said = said(labels(&vec!["a".to_owned(); 21]));
        assert_eq!(said, "length: may be sent at most 20 times");
    }

    #[test]
    fn field_selectors_have_known_keys_and_a_value() {
        let read = |text| fields(&texts(&[text]), &[("name", 'n'), ("spec.email", 'e')]);
        let found = read("spec.email!=(a@b.c,d)").unwrap();
        let values = Values::NotIn(texts(&["a@b.c", "d"]));
        let (name, field) = ("spec.email", 'e');
        assert_eq!(found, [FieldSelector { name, field, values }]);
        for (text, expected) in [
            (
                "email=a",
                "value: has the property \"email\", which is not one of name, spec.email",
            ),
            (
                "Name=a",
                "value: has the property \"Name\", which is not one of name, spec.email",
            ),
            (
                "name",
                "format: has the condition \"name\", which must compare a field with",
            ),
            (
                "!name",
                "format: has the condition \"!name\", which must compare a field with",
            ),
        ] {
            let said = said(read(text));
            assert!(said.starts_with(expected), "{text:?}: {said}");
        }
    }

    #[test]
    fn sorts_have_known_properties_and_a_direction() {
        let known = [("name", 'n'), ("created", 'c'), ("email", 'e'), ("updated", 'u')];
        let read = |given: &[&str]| sorts(&texts(given), &known);
        let found = read(&["name,desc", "", "created", " email , ASC "]).unwrap();
        let up = Direction::Ascending;
        assert_eq!(found, [('n', Direction::Descending), ('c', up), ('e', up)]);
        for (given, expected) in [
            (
                &["nick"][..],
                "value: has the property \"nick\", which is not one of name, created, email, updated",
            ),
            (
                &["name,up"],
                "value: has the direction \"up\", which must be asc or desc",
            ),
            (&["name,"], "value: has the direction \"\", which must be asc or desc"),
            (
                &["name,asc,email"],
                "value: has the direction \"asc,email\", which must be asc or desc",
            ),
            (
                &["name", "name,desc"],
                "value: has the property \"name\", which may be there only once",
            ),
            (
                &["name", "created", "email", "updated"],
                "length: may be sent at most 3 times",
            ),
            (
                &["name\u{7}; drop"],
                "value: has the property \"name; drop\", which is not one of",
            ),
        ] {
            let said = said(read(given));
            assert!(said.starts_with(expected), "{given:?}: {said}");
        }
    }

    #[test]
    fn labels_are_written_within_the_limits_they_are_searched_with() {
        assert_eq!(label_key_problem("halo.run/hidden"), None);
        assert_eq!(label_value_problem("größer, (klein) =x"), None);
        for bad in ["", "a b", "a/", ".a", "ä", "a\n", &"k".repeat(254)] {
            assert!(label_key_problem(bad).is_some(), "{bad:?}");
        }
        for bad in ["a\0", "a\tb", &"v".repeat(254)] {
            assert!(label_value_problem(bad).is_some(), "{bad:?}");
        }
    }
}
