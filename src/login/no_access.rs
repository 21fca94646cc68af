//! Telling somebody that an application does not let them in.

use super::{
    consent::{signed_in, to_the_request},
    page::Page,
    request::{PageRequest, go},
};
use crate::{
    account::{Did, Seen},
    kit::error::Result,
};
use poem::Response;

/// Says whom to ask, and offers another account, or the way back to the application, which is then told.
pub(super) async fn show(request: &PageRequest) -> Result<Response> {
    let Some(caller) = signed_in(request).await? else {
        return to_the_request(request).await;
    };
    let context = request.load_context(&caller).await?;
    let text = context.text();
    let page = Page::new(text.say_with("no_access_title", &context.brand.name))
        .lead(text.say_with("signed_in_as", &caller.me.name))
        .lead(text.say_with("no_access_lead", &context.brand.name))
        .form(text.say("no_access_back"), vec![])
        .link(text.say("not_you"), context.link_again());
    context.show(&page)
}

pub(super) async fn answer(request: &PageRequest) -> Result<Response> {
    let Some(caller) = signed_in(request).await? else {
        return to_the_request(request).await;
    };
    let context = request.load_context(&caller).await?;
    match caller.me.session {
        Some(session) => go(&Seen::answer(&caller, &context.target(), Did::Refused, session)),
        None => go(&context.target()),
    }
}
