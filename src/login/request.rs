//! One request for a page: what it brings, and the ways to answer it.

use super::{
    answer,
    form::{self, CsrfToken, Form},
    layout::{Layout, html},
    page::{Field, Page},
    target,
    text::Text,
};
use crate::{
    application::{self, kind::Origin},
    captcha::{self, Captcha, Widget},
    context::RequestContext,
    kit::{
        error::{Code, Error, Result},
        http,
        text::Language,
    },
    message::MailOptions,
    password::{Policy, Rules},
    provider::{self, Open},
    server::Server,
    setting::{self, Brand, Branding},
    tenant::Tenant,
};
use poem::{
    Request, RequestParts, Response,
    http::{HeaderValue, StatusCode, header},
};

/// The longest parameter of a page.
const LONGEST: usize = 2000;
/// Parameters that have a request of an application in them.
const LONG: &[&str] = &["return_to", "ask"];
/// Pages that nobody opens by a link with a secret, and that are sent together with a session:
/// browsers have to say where such a form comes from, which they only do with a referrer.
const SIGNED: &[&str] = &["", "password", "sign-out", "consent", "no-access", "identity"];

/// Pages on which somebody chooses a password.
const CHOOSING: &[&str] = &["sign-up", "forgot", "reset", "password"];

/// One request for a page.
pub(super) struct PageRequest {
    pub(super) http: Request,
    /// The form that was sent with it; empty with a GET.
    pub(super) form: Form,
    pub(super) query: Form,
    /// The page's path below `/login/`.
    pub(super) path: String,
    /// The language that it asks for; see [`PageContext::language`].
    pub(super) language: Option<Language>,
    pub(super) server: Server,
    pub(super) tenant: Tenant,
    /// Whether errors are pages; else they are the group's whose operation is called.
    pub(super) pages: bool,
}

/// A request, and what the pages that answer it look like.
pub(super) struct PageContext<'a> {
    request: &'a PageRequest,
    pub(super) brand: Brand,
    /// The language of the pages: the one that the request asks for, else that of the tenant.
    language: Language,
    captcha: Captcha,
    /// The providers that people sign in through, for the page to sign in.
    pub(super) providers: Vec<Open>,
    /// Where the application is that people come back to.
    pub(super) leads: Option<String>,
    /// What is asked of a password, for the pages on which one is chosen.
    rules: Option<Rules>,
}

impl PageRequest {
    /// Reads everything of a request but its form.
    pub(super) fn of(mut http: Request) -> Result<Self> {
        let absent = || anyhow::anyhow!("no server or no tenant in the request");
        let server = http.data::<Server>().cloned().ok_or_else(absent)?;
        let tenant = http.data::<Tenant>().cloned().ok_or_else(absent)?;
        let query = Form::parse(http.uri().query().unwrap_or_default().as_bytes());
        let language = language(&http, &query);
        speak(&mut http, language);
        Ok(Self {
            path: http.uri().path().trim_matches('/').to_owned(),
            form: Form::default(),
            http,
            query,
            language,
            server,
            tenant,
            pages: true,
        })
    }

    /// The same of a request that is an operation's as well, without its body.
    pub(super) fn again(request: &Request) -> Result<Self> {
        let mut head = poem::http::Request::new(());
        *head.method_mut() = request.method().clone();
        *head.uri_mut() = request.uri().clone();
        *head.version_mut() = request.version();
        *head.headers_mut() = request.headers().clone();
        *head.extensions_mut() = request.extensions().clone();
        let (local, remote) = (request.local_addr().clone(), request.remote_addr().clone());
        let parts = RequestParts::from((head.into_parts().0, local, remote, request.scheme().clone()));
        Self::of(Request::from_parts(parts, poem::Body::empty()))
    }

    /// Reads the form that was sent.
    ///
    /// # Errors
    /// It is none of ours, or not one at all.
    pub(super) async fn receive(&mut self) -> Result<()> {
        let form = form::read(&mut self.http).await?;
        form::check(self.http.headers(), &self.server, &self.tenant, &form)?;
        if let Some(chosen) = form.get("lang").and_then(Language::of) {
            self.language = Some(chosen);
            speak(&mut self.http, self.language);
        }
        // Where every other client sends it; see `kit::http::Peer`.
        let token = form::captcha_token(&form).and_then(|token| HeaderValue::from_str(token).ok());
        match token {
            Some(token) => self.http.headers_mut().insert("x-captcha-token", token),
            None => self.http.headers_mut().remove("x-captcha-token"),
        };
        self.form = form;
        Ok(())
    }

    /// The value of a field of the form, else of the query.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        let longest = if LONG.contains(&name) { target::LONGEST } else { LONGEST };
        let value = self.form.get(name).or_else(|| self.query.get(name));
        value.filter(|value| value.len() <= longest)
    }

    /// Whether whoever is signed in is to sign in again, or as somebody else.
    pub(super) fn is_again(&self) -> bool {
        self.value("again").is_some()
    }

    /// The token of the mailed link the page was opened by.
    pub(super) fn token(&self) -> Option<&str> {
        self.query.get("token").map(str::trim).filter(|token| !token.is_empty())
    }

    /// With these parameters, where the request has brought none.
    pub(super) fn complete(&mut self, parameters: &[(&'static str, Option<&str>)]) {
        for (name, value) in parameters {
            if let Some(value) = value.filter(|_| self.value(name).is_none()) {
                self.query.add(name, value);
            }
        }
    }

    /// Goes on with these parameters, as if the request had brought them.
    pub(super) fn go_on(&mut self, parameters: &[(&str, Option<String>)]) {
        self.query = Form::of(parameters);
        self.language = language(&self.http, &self.query);
        speak(&mut self.http, self.language);
    }

    /// How mails of this request are wanted.
    pub(super) fn options(&self) -> MailOptions<'_> {
        MailOptions {
            language: self.language,
            client_id: self.value("client_id").filter(|id| id.len() <= 200),
        }
    }

    /// Where the tenant's pages are.
    pub(super) fn base(&self) -> String {
        self.tenant.path()
    }

    /// Parameters that are kept from page to page.
    fn flow(&self) -> Vec<(&'static str, String)> {
        let kept = |name| Some((name, self.value(name)?.to_owned()));
        let chosen = self.value("lang").or_else(|| self.value("ui_locales"));
        let language = self.language.filter(|_| chosen.is_some());
        let language = language.map(|language| ("lang", language.tag().to_owned()));
        let ask = (self.path == "consent").then(|| kept("ask")).flatten();
        let out = |name| (self.path == "sign-out").then(|| kept(name)).flatten();
        let again = (self.path.is_empty()).then(|| kept("again")).flatten();
        let (back, state) = (out("post_logout_redirect_uri"), out("state"));
        let challenge = kept("challenge");
        [
            kept("return_to"),
            kept("client_id"),
            challenge,
            language,
            again,
            ask,
            back,
            state,
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The parameters of the request of an application that people come back to from here; empty if they do to
    /// something else.
    fn request_of_application(&self) -> Form {
        let back = self.value("return_to").unwrap_or_default();
        let query = back
            .strip_prefix(&*self.base())
            .and_then(|path| path.strip_prefix("/oauth2/authorize?"));
        Form::parse(query.unwrap_or_default().as_bytes())
    }

    /// Where another page is.
    pub(super) fn link(&self, path: &str) -> String {
        self.link_with(path, &self.flow())
    }

    /// The same, with the token of the link this page was opened by.
    pub(super) fn link_with_token(&self, path: &str) -> String {
        let mut flow = self.flow();
        flow.extend(self.token().map(|token| ("token", token.to_owned())));
        self.link_with(path, &flow)
    }

    pub(super) fn link_with(&self, path: &str, pairs: &[(&'static str, String)]) -> String {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish();
        let mark = if query.is_empty() { "" } else { "?" };
        let slash = if path.is_empty() { "" } else { "/" };
        format!("{}/login{slash}{path}{mark}{query}", self.base())
    }

    /// The page in another language than this; not where its address has a secret.
    fn other(&self, than: Language) -> Option<(String, String)> {
        let other = match than {
            Language::English => Language::Chinese,
            Language::Chinese => Language::English,
        };
        let other = other.tag();
        let mut flow = self.flow();
        flow.retain(|(name, _)| *name != "lang");
        flow.push(("lang", other.to_owned()));
        let to = self.link_with(&self.path, &flow);
        self.token().is_none().then(|| (other.to_owned(), to))
    }

    /// Reads the tenant's policies for the pages that answer this request.
    pub(super) async fn load_context(&self, context: &RequestContext) -> Result<PageContext<'_>> {
        let wanted = self.request_of_application();
        let (branding, captcha, application, providers, rules) = context
            .read(async |tx| {
                let (branding, _) = setting::read::<Branding>(tx).await?;
                let (captcha, _) = setting::read::<Captcha>(tx).await?;
                let application = match wanted.get("client_id") {
                    Some(id) => application::find(tx, id).await?,
                    None => None,
                };
                let providers = match self.path.is_empty() {
                    true => provider::open(tx).await?,
                    false => vec![],
                };
                let rules = match CHOOSING.contains(&self.path.as_str()) {
                    true => Some(setting::read::<Policy>(tx).await?.0.rules()),
                    false => None,
                };
                Ok((branding, captcha, application, providers, rules))
            })
            .await?;
        let language = self.language.unwrap_or_else(|| branding.language());
        let mut brand = branding.of(&self.tenant, self.value("client_id"));
        let mut leads = None;
        if let Some(application) = application {
            let spec = &application.spec;
            // What comes with the server is the tenant's own.
            if application.origin() != Origin::BuiltIn {
                brand.name = spec.display_name.to_string();
                brand.subtitle = None;
            }
            brand.color = spec.color.clone().unwrap_or(brand.color);
            brand = brand.with_logo(spec.logo_url.clone());
            brand.home_url = spec.home_url.clone().or(brand.home_url);
            brand.links.terms_url = spec.terms_url.clone().or(brand.links.terms_url);
            brand.links.privacy_url = spec.policy_url.clone().or(brand.links.privacy_url);
            let base = self.server.services.urls.of(&self.tenant);
            let uri = wanted.get("redirect_uri");
            let uri = uri.filter(|uri| application.has_redirect(&base, uri));
            leads = uri.and_then(answer::source_of);
        }
        Ok(PageContext {
            brand,
            language,
            captcha,
            providers,
            leads,
            rules,
            request: self,
        })
    }
}

impl PageContext<'_> {
    pub(super) fn text(&self) -> Text {
        Text::of(self.language)
    }

    /// The field for a password that somebody wants from now on, with what is asked of it.
    pub(super) fn new_password(&self, name: &'static str) -> Field {
        let text = self.text();
        let field = Field::new(name, text.say(name), "password", "new-password").hint(text.say("new_password_hint"));
        match &self.rules {
            Some(rules) => field.asked(rules, text),
            None => field,
        }
    }

    /// Where another page is.
    pub(super) fn link(&self, path: &str) -> String {
        self.request.link(path)
    }

    /// Where people sign in as somebody else.
    pub(super) fn link_again(&self) -> String {
        let mut flow = self.request.flow();
        flow.retain(|(name, _)| *name != "ask");
        flow.push(("again", "1".to_owned()));
        self.request.link_with("", &flow)
    }

    /// Where people go after they have signed in.
    pub(super) fn target(&self) -> String {
        let request = self.request;
        target::of(
            &request.server,
            &request.tenant,
            &self.brand,
            request.value("return_to"),
        )
    }

    /// Shows a page.
    pub(super) fn show(&self, page: &Page) -> Result<Response> {
        self.show_as(StatusCode::OK, page)
    }

    /// Shows a page with another status.
    pub(super) fn show_as(&self, status: StatusCode, page: &Page) -> Result<Response> {
        self.within(page, |layout| Ok(html(status, layout.render(page)?)))
    }

    /// Shows the form again, and says what was wrong.
    pub(super) fn refuse(&self, mut page: Page, error: Error) -> Result<Response> {
        if matches!(error, Error::Internal(_)) {
            return Err(error);
        }
        let text = self.text();
        match &error {
            Error::Invalid(wrong) => {
                for one in wrong {
                    page.complain(&one.field, text.field(one).into());
                }
            }
            other => page.complain(field_of(other.code()), text.error(other).into()),
        }
        self.within(&page, |layout| {
            let body = layout.render(&page)?;
            Ok(error.respond("text/html; charset=utf-8", body))
        })
    }

    /// Shows a page with the status of what went wrong.
    pub(super) fn fail(&self, page: &Page, error: &Error) -> Result<Response> {
        self.within(page, |layout| {
            Ok(error.respond("text/html; charset=utf-8", layout.render(page)?))
        })
    }

    /// The CAPTCHA of a page whose form takes one; to sign in, one may be asked after failures.
    fn widget(&self, page: &Page) -> Option<(Widget, String)> {
        let action = page.action?;
        if !self.captcha.required.asks(action, !page.problems.is_empty()) {
            return None;
        }
        let widget = captcha::widget(&self.captcha)?;
        let name = widget.action(action);
        Some((widget, name))
    }

    fn within(&self, page: &Page, answer: impl FnOnce(&Layout<'_>) -> Result<Response>) -> Result<Response> {
        let request = self.request;
        let csrf = page
            .form
            .is_some()
            .then(|| CsrfToken::of(request.http.headers(), &request.server, &request.tenant));
        let layout = Layout {
            base: &request.base(),
            brand: &self.brand,
            language: self.language.tag().to_owned(),
            text: self.text(),
            flow: request.flow(),
            other: request.other(self.language),
            csrf: csrf.as_ref(),
            widget: self.widget(page),
            leads: self.leads.as_deref(),
            judges: page.judges(),
            secret: !SIGNED.contains(&request.path.as_str()) && !request.path.starts_with("with/"),
        };
        let mut response = answer(&layout)?;
        layout.set_security_headers(response.headers_mut());
        if let Some(token) = &csrf {
            set_cookie(&mut response, &token.cookie(&request.server, &request.tenant));
        }
        Ok(response)
    }
}

/// The field that most likely is to be typed again.
fn field_of(code: Code) -> &'static str {
    match code {
        Code::CodeInvalid => "code",
        Code::PasswordWrong => "current_password",
        Code::UserNameTaken => "username",
        Code::EmailTaken | Code::EmailDomainRefused => "email",
        _ => "",
    }
}

/// Has errors and mails of a request be in the language of its page.
fn speak(request: &mut Request, language: Option<Language>) {
    if let Some(language) = language {
        let spoken = HeaderValue::from_static(language.tag());
        request.headers_mut().insert(header::ACCEPT_LANGUAGE, spoken);
    }
}

/// The language that the request asks for.
pub(super) fn language(request: &Request, query: &Form) -> Option<Language> {
    // OpenID Connect separates them by spaces.
    let locales = query.text("ui_locales").replace(' ', ",");
    let chosen = query
        .get("lang")
        .and_then(Language::of)
        .or_else(|| Language::of(&locales));
    chosen.or_else(|| http::language(request.headers()))
}

/// Sends the browser on. It comes with a GET, whatever it sent before, so that no password is
/// sent on (RFC 9700 §4.12).
pub(super) fn go(to: &str) -> Result<Response> {
    let to = HeaderValue::from_str(to).map_err(|_| Error::from(Code::BadRequest))?;
    Ok(Response::builder()
        .status(StatusCode::SEE_OTHER)
        .header(header::LOCATION, to)
        .finish())
}

pub(super) fn set_cookie(response: &mut Response, cookie: &str) {
    // Names of tenants and random values are ASCII.
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}
