//! Conditions that a request names (RFC 9110 §13): read here, for every operation that answers an
//! `ETag`.
//!
//! An entity tag of ours begins with the version of the object; what follows it marks the bytes of
//! one representation. A write is meant for a version, so of a tag in `If-Match` only the version
//! counts, and a weak tag as much as a strong one: proxies weaken tags when they compress.

use super::{
    error::{Code, Error, Result},
    headers,
};
use chrono::{DateTime, Utc};
use poem::{
    Response,
    http::{HeaderMap, StatusCode, header},
    web::headers::{HeaderMapExt, IfUnmodifiedSince},
};

/// What a request says its object must be like.
#[derive(Clone, Debug)]
pub struct Preconditions {
    /// `If-Match`.
    like: Option<String>,
    /// `If-None-Match`.
    unlike: Option<String>,
    unmodified_since: Option<IfUnmodifiedSince>,
}

impl Preconditions {
    /// The conditions in these headers, if there are any.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Option<Box<Self>> {
        let list = |name| headers.contains_key(&name).then(|| headers::list(headers, &name));
        let found = Self {
            like: list(header::IF_MATCH),
            unlike: list(header::IF_NONE_MATCH),
            unmodified_since: headers.typed_get(),
        };
        let some = found.like.is_some() || found.unlike.is_some() || found.unmodified_since.is_some();
        some.then(|| Box::new(found))
    }

    /// Whether a change may go on: of an object of this version that was last written at this
    /// moment, if that is known; of none yet if there is no version.
    ///
    /// # Errors
    /// [`Code::PreconditionFailed`]; [`Error::Invalid`] if a header is no list of entity tags.
    pub fn check(&self, version: Option<i64>, modified: Option<DateTime<Utc>>) -> Result<()> {
        let version = version.map(|version| version.to_string());
        let holds = match &self.like {
            Some(list) => names(list, "If-Match", version.as_deref())?,
            // Not looked at beside the other one (RFC 9110 §13.1.4).
            None => match (self.unmodified_since, modified) {
                (Some(since), Some(modified)) => since.precondition_passes(modified.into()),
                _ => true,
            },
        };
        let is_new = match &self.unlike {
            Some(list) => !names(list, "If-None-Match", version.as_deref())?,
            None => true,
        };
        match holds && is_new {
            true => Ok(()),
            false => Err(Code::PreconditionFailed.into()),
        }
    }
}

/// Whether a list of entity tags, or `*`, names this version.
fn names(list: &str, field: &str, version: Option<&str>) -> Result<bool> {
    if list.trim() == "*" {
        return Ok(version.is_some());
    }
    let tags = headers::entity_tags(list).ok_or_else(|| {
        let why = "must be an entity tag such as \"3\", or *";
        Error::field(field, "format", why)
    })?;
    Ok(tags.iter().any(|tag| version == Some(version_in(tag))))
}

/// The version in an entity tag: `3` of `"3"` and of `W/"3-5d1f"`.
fn version_in(tag: &str) -> &str {
    let opaque = tag.trim_start_matches("W/").trim_matches('"');
    opaque.split('-').next().unwrap_or(opaque)
}

/// What a request that only reads says of what its client has.
#[derive(Clone, Debug)]
pub struct ReadConditions {
    if_match: Option<String>,
    has: Option<HeaderMap>,
}

impl ReadConditions {
    /// The conditions in these headers, if there are any.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let has_one = headers.contains_key(header::IF_NONE_MATCH);
        let is_of_one = headers.contains_key(header::IF_MATCH);
        (has_one || is_of_one).then(|| Self {
            if_match: is_of_one.then(|| headers::list(headers, header::IF_MATCH)),
            has: has_one.then(|| headers.clone()),
        })
    }

    /// Makes the answer a 304 if the client has it, by its entity tag.
    ///
    /// # Errors
    /// [`Code::PreconditionFailed`] if it asks for another version; [`Error::Invalid`] if a header is
    /// no list of entity tags.
    pub fn apply(self, response: &mut Response) -> Result<()> {
        let tag = headers::text(response.headers(), header::ETAG).filter(|_| response.status() == StatusCode::OK);
        let Some(tag) = tag.map(str::to_owned) else {
            return Ok(());
        };
        if let Some(list) = &self.if_match
            && !names(list, "If-Match", Some(version_in(&tag)))?
        {
            return Err(Code::PreconditionFailed.into());
        }
        if self.has.is_some_and(|headers| headers::if_none_match(&headers, &tag)) {
            response.set_status(StatusCode::NOT_MODIFIED);
            response.take_body();
            response.headers_mut().remove(header::CONTENT_TYPE);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use poem::http::HeaderValue;

    fn check(headers: &[(&'static str, &'static str)], version: Option<i64>) -> Option<Code> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_static(value));
        }
        let modified = DateTime::from_timestamp(1_700_000_000, 500_000_000);
        let checked = Preconditions::of(&map).map(|conditions| conditions.check(version, modified));
        checked.and_then(|checked| checked.err().map(|error| error.code()))
    }

    #[test]
    fn a_change_is_meant_for_a_version_whichever_representation_of_it_was_read() {
        let failed = Some(Code::PreconditionFailed);
        for (tag, expected) in [
            ("\"36\"", None),
            ("W/\"36\"", None),
            ("W/\"36-5d1f\"", None),
            ("\"1\", \"36\"", None),
            ("*", None),
            ("\"37\"", failed),
            ("\"036\"", failed),
            ("\"\"", failed),
            ("36", Some(Code::Invalid)),
            ("\"36", Some(Code::Invalid)),
            ("", Some(Code::Invalid)),
        ] {
            assert_eq!(check(&[("if-match", tag)], Some(36)), expected, "{tag}");
        }
        assert_eq!(check(&[("if-match", "*")], None), failed, "there is none yet");
        assert_eq!(check(&[("if-none-match", "*")], None), None);
        assert_eq!(check(&[("if-none-match", "*")], Some(36)), failed);
        assert_eq!(check(&[("if-none-match", "W/\"36-a\"")], Some(36)), failed);
        assert_eq!(check(&[("if-none-match", "\"35\"")], Some(36)), None);
    }

    #[test]
    fn what_was_written_since_is_not_changed_and_a_tag_says_more_than_a_date() {
        let (same, before) = ("Tue, 14 Nov 2023 22:13:20 GMT", "Tue, 14 Nov 2023 22:13:19 GMT");
        let since = |date| check(&[("if-unmodified-since", date)], Some(36));
        assert_eq!(since(same), None);
        assert_eq!(since(before), Some(Code::PreconditionFailed));
        assert_eq!(since("yesterday"), None, "no date is no condition");
        let both = [("if-unmodified-since", before), ("if-match", "\"36\"")];
        assert_eq!(check(&both, Some(36)), None);
    }
}
