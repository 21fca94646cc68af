//! What is wrong with what somebody says of a user.

use super::{NewUser, label_problems};
use crate::kit::error::FieldError;
use std::collections::BTreeMap;

/// What is wrong with a user to be made whose texts were not looked at on the wire.
#[must_use]
pub fn problems(new: &NewUser) -> Vec<FieldError> {
    let texts = [
        ("phone", &new.phone, 50),
        ("bio", &new.bio, 2_000),
        ("avatar", &new.avatar, 2_000),
    ];
    let wrong = texts.into_iter().filter_map(|(field, text, most)| {
        let text = text.as_deref()?;
        let why = match (text.chars().count() > most, text.contains('\0')) {
            (true, _) => format!("must have at most {most} characters"),
            (_, true) => "may not have a NUL character".to_owned(),
            _ => return None,
        };
        Some(FieldError::new(field, "length", why))
    });
    let mut wrong: Vec<_> = wrong.collect();
    wrong.extend(avatar_problems("avatar", new.avatar.as_deref()));
    wrong.extend(label_problems("labels", &new.labels));
    wrong.extend(annotation_problems("annotations", &new.annotations));
    for (field, map) in [("labels", &new.labels), ("annotations", &new.annotations)] {
        if map
            .iter()
            .any(|(key, value)| key.contains('\0') || value.contains('\0'))
        {
            wrong.push(FieldError::new(field, "format", "may not have a NUL character"));
        }
    }
    if new.roles.len() > 50 {
        wrong.push(FieldError::new("roles", "length", "may have at most 50 entries"));
    }
    wrong
}

/// A picture is shown in pages of others, where other schemes than these two are code, or read files.
pub(super) fn avatar_problems(field: &str, address: Option<&str>) -> Vec<FieldError> {
    let is_web = |url: url::Url| matches!(url.scheme(), "http" | "https") && url.has_host();
    match address {
        None | Some("") => vec![],
        Some(address) if address.parse().is_ok_and(is_web) => vec![],
        Some(_) => vec![FieldError::new(field, "format", "must be an http or https URL")],
    }
}

pub(super) fn annotation_problems(field: &str, annotations: &BTreeMap<String, String>) -> Vec<FieldError> {
    let mut wrong = vec![];
    if annotations.len() > 100 {
        wrong.push(FieldError::new(field, "length", "may have at most 100 entries"));
    }
    let long = |(key, value): &(&String, &String)| key.is_empty() || key.len() > 253 || value.len() > 10_000;
    if annotations.iter().any(|entry| long(&entry)) {
        let why = "keys have 1 to 253 characters, values at most 10000";
        wrong.push(FieldError::new(field, "length", why));
    }
    wrong
}
