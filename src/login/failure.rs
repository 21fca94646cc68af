//! The page that is shown when the one that was asked for cannot be.

use super::{
    form::Form,
    layout::Layout,
    page::Page,
    request::{PageRequest, language},
    text::Text,
};
use crate::{
    access::permission::SessionsCreate,
    extract::Guest,
    kit::{error::Error, request, text::Language},
    setting::{self, Brand, Branding, Links},
};
use poem::{Request, Response, http::Method};

fn page_of(text: Text, error: &Error) -> Page {
    let page = Page::new(text.say("error_title")).lead(text.error(error));
    match error {
        Error::Internal(_) => page.lead(text.say_with("error_request", &request::id())),
        _ => page,
    }
}

fn answer(base: &str, brand: &Brand, language: Language, page: &Page, error: &Error) -> Response {
    let layout = Layout {
        base,
        brand,
        language: language.tag().to_owned(),
        text: Text::of(language),
        flow: vec![],
        other: None,
        csrf: None,
        widget: None,
        leads: None,
        judges: false,
        secret: true,
    };
    // Without its template the page has no words.
    let body = layout.render(page).unwrap_or_default();
    let mut response = error.respond("text/html; charset=utf-8", body);
    layout.set_security_headers(response.headers_mut());
    response
}

/// The language that the request asks for, else that of the tenant as far as it can be read.
async fn language_of(request: &PageRequest) -> Language {
    if let Some(asked) = request.language {
        return asked;
    }
    let Ok(guest) = Guest::<SessionsCreate>::open(&request.http).await else {
        return Language::default();
    };
    let read = guest.read(async |tx| setting::language(tx, None).await);
    read.await.unwrap_or_default()
}

/// The answer to a request that failed.
pub(super) async fn of(request: &PageRequest, error: &Error) -> Response {
    let again = match request.http.method() {
        // A form that is sent once more is refused once more.
        &Method::POST if request.token().is_none() => request.link(&request.path),
        _ => request.link(""),
    };
    let language = language_of(request).await;
    let text = Text::of(language);
    let page = page_of(text, error).link(text.say("start_over"), again);
    let brand = Branding::default().of(&request.tenant, None);
    answer(&request.base(), &brand, language, &page, error)
}

/// The answer to a request whose tenant does not answer.
pub(super) fn without_tenant(request: &Request, error: &Error) -> Response {
    let query = Form::parse(request.uri().query().unwrap_or_default().as_bytes());
    let language = language(request, &query).unwrap_or_default();
    let brand = Brand {
        name: "Tenantry".to_owned(),
        color: Branding::default().color,
        logo_url: None,
        logo_url_dark: None,
        icon_url: None,
        home_url: None,
        subtitle: None,
        links: Links::default(),
    };
    answer("", &brand, language, &page_of(Text::of(language), error), error)
}
