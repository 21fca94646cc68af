//! Asking somebody whether an application may do what it asks for.

use super::{
    page::Page,
    request::{PageContext, PageRequest, go},
    text::Text,
};
use crate::{
    access::permission::{self, AuthorizationsCreate},
    account::{Ask, Did, Seen},
    application::{self, Application, scope},
    authorization,
    extract::Own,
    kit::{
        db::Tx,
        error::{Code, Result},
        text::Language,
    },
    resource_server::{self, spec::Description},
    setting,
};
use poem::Response;

/// What is asked, of whom, and by which application.
struct Question {
    caller: Own<AuthorizationsCreate>,
    ask: Ask,
    application: Application,
    /// The scopes in words.
    lines: Vec<String>,
}

/// A scope of our own in words.
fn own_words(text: Text, name: &str) -> String {
    if let Some(words) = text.find(&format!("scope_{name}")) {
        return words.to_owned();
    }
    let words: Vec<&str> = scope::permissions(name).iter().map(|known| known.summary).collect();
    match words.is_empty() {
        true => name.to_owned(),
        false => words.join("; "),
    }
}

/// A scope of an API in words.
fn words_of(description: &Description, language: Language) -> Option<&str> {
    let (first, second) = match language {
        Language::English => (&description.en, &description.zh),
        Language::Chinese => (&description.zh, &description.en),
    };
    first.as_deref().or(second.as_deref())
}

/// Whoever is signed in.
pub(super) async fn signed_in(request: &PageRequest) -> Result<Option<Own<AuthorizationsCreate>>> {
    match Own::<AuthorizationsCreate>::open(&request.http).await {
        Ok(caller) => Ok(Some(caller)),
        Err(error) if error.code() == Code::Unauthenticated => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads the question that the address has; none if it is not one to whoever is signed in now.
async fn question(request: &PageRequest) -> Result<Option<Question>> {
    let Some(caller) = signed_in(request).await? else {
        return Ok(None);
    };
    let sealed = request.value("ask").unwrap_or_default();
    let Some(ask) = Ask::open(&caller, sealed, caller.me.session) else {
        return Ok(None);
    };
    let issuer = caller.tenant_url();
    let asked = request.language;
    let read = async |tx: &Tx| {
        let language = setting::language(tx, asked).await?;
        let text = Text::of(language);
        let application = application::find(tx, &ask.client_id).await?;
        let mut lines = vec![];
        for (audience, name) in &ask.scopes {
            if audience.is_empty() || *audience == issuer {
                lines.push(own_words(text, name));
                continue;
            }
            let api = resource_server::find(tx, audience).await?;
            let api = api.map(|api| api.spec);
            let known = api.as_ref().and_then(|api| {
                let scope = api.scopes.iter().find(|scope| scope.scope == *name)?;
                words_of(&scope.description, language)
            });
            let at = api
                .as_ref()
                .map_or_else(|| audience.clone(), |api| api.display_name.to_string());
            lines.push(format!("{at}: {}", known.unwrap_or(name)));
        }
        Ok((application, lines))
    };
    let (application, lines) = caller.read(read).await?;
    Ok(application.map(|application| Question {
        caller,
        ask,
        application,
        lines,
    }))
}

fn page(question: &Question, context: &PageContext<'_>) -> Page {
    let text = context.text();
    let spec = &question.application.spec;
    let name = spec.display_name.to_string();
    let mut page = Page::new(text.say_with("consent_title", &name))
        .lead(text.say_with("signed_in_as", &question.caller.me.name))
        .lead(text.say_with("consent_lead", &name))
        .list(question.lines.clone())
        .form(text.say("consent_allow"), vec![])
        .or(("refuse", text.say("consent_refuse")));
    for (key, url) in [("consent_policy", &spec.policy_url), ("consent_terms", &spec.terms_url)] {
        if let Some(url) = url {
            page = page.link(text.say(key), url.clone());
        }
    }
    page.link(text.say("not_you"), context.link_again())
}

pub(super) async fn show(request: &PageRequest) -> Result<Response> {
    let Some(question) = question(request).await? else {
        return to_the_request(request).await;
    };
    let context = request.load_context(&question.caller).await?;
    context.show(&page(&question, &context))
}

/// Back to the request, which asks anew if need be.
pub(super) async fn to_the_request(request: &PageRequest) -> Result<Response> {
    let guest = crate::extract::Guest::<permission::SessionsCreate>::open(&request.http).await?;
    let context = request.load_context(&guest).await?;
    go(&context.target())
}

pub(super) async fn answer(request: &PageRequest) -> Result<Response> {
    let Some(question) = question(request).await? else {
        return to_the_request(request).await;
    };
    let Question {
        caller,
        ask,
        application,
        ..
    } = &question;
    let context = request.load_context(caller).await?;
    let did = if request.form.get("refuse").is_some() {
        Did::Refused
    } else {
        let of = (application.id(), application.client_id());
        let grant = async |tx: &Tx| authorization::grant(tx, caller.user, of, &ask.scopes).await;
        caller.run(grant).await?;
        Did::Consented
    };
    go(&Seen::answer(caller, &context.target(), did, ask.session))
}
