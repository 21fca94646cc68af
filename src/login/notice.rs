//! What people are told who wanted into the console and do not come in.

use super::{answer::alone, form::Form, page::Page, request::language, text::Text};
use crate::{
    kit::{error::Result, request},
    tenant::Tenant,
};
use poem::{Request, Response, http::StatusCode};

/// Why somebody does not come into the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    /// Nobody does.
    ConsoleDisabled,
    /// They may not.
    ConsoleRefused,
    /// What they came back with is not what was begun.
    EntryRefused,
}

/// The page that says so.
pub(crate) fn notice(request: &Request, what: Notice) -> Result<Response> {
    let query = Form::parse(request.uri().query().unwrap_or_default().as_bytes());
    let language = language(request, &query).unwrap_or_default();
    let text = Text::of(language);
    let (status, key) = match what {
        Notice::ConsoleDisabled => (StatusCode::FORBIDDEN, "console_disabled"),
        Notice::ConsoleRefused => (StatusCode::FORBIDDEN, "console_refused"),
        Notice::EntryRefused => (StatusCode::BAD_REQUEST, "entry_refused"),
    };
    let page = Page::new(text.say(key))
        .lead(text.say(&format!("{key}_lead")))
        .lead(text.say_with("error_request", &request::id()));
    let base = request.data::<Tenant>().map(Tenant::path).unwrap_or_default();
    let page = match what {
        Notice::EntryRefused => page.link(text.say("start_over"), base + "/console/"),
        Notice::ConsoleDisabled | Notice::ConsoleRefused => page,
    };
    alone(request, language, status, &page)
}
