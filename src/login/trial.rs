//! A dry run of a provider: what it says of an administrator, who is not signed in by it.

use super::{
    page::Page,
    request::{PageRequest, go},
    text::Text,
    with::{self, Way},
};
use crate::{
    access::permission::AuthProviderConfigsTest,
    account::provider::{self, Errand, Fate, Report, Stage},
    context::RequestContext,
    extract::Caller,
    kit::{
        error::{Code, Result},
        text::ProviderName,
    },
};
use poem::Response;

/// Whoever may try this provider.
async fn caller(request: &PageRequest, way: &Way) -> Result<Caller<AuthProviderConfigsTest>> {
    Caller::open(&request.http, way.name.clone()).await
}

/// Sends an administrator to the provider.
pub(super) async fn begin(request: &PageRequest, guest: &RequestContext, way: &Way) -> Result<Response> {
    let left = match caller(request, way).await {
        Ok(_) => with::leave(request, guest, way, Errand::Try).await,
        Err(error) => Err(error),
    };
    match left {
        Err(error) if error.code() == Code::Unauthenticated => {
            let back = format!("{}/login/with/{}?purpose=try", request.base(), way.name);
            go(&request.link_with("", &[("return_to", back)]))
        }
        Err(error) => with::trouble(request, guest, &way.name, error).await,
        left => left,
    }
}

/// Shows what it says of them.
pub(super) async fn show(
    request: &PageRequest,
    guest: &RequestContext,
    way: &Way,
    report: &Report,
) -> Result<Response> {
    let caller = caller(request, way).await?;
    let name = way.name.parse::<ProviderName>().map_err(|_| Code::ProviderNotFound)?;
    let shown = caller
        .run(async |tx| {
            let found = crate::provider::get(tx, &name).await?;
            provider::tried(tx, &found);
            Ok(found.spec.display_name.to_string())
        })
        .await?;
    let context = request.load_context(guest).await?;
    let page = page_of(context.text(), report, &shown);
    context.show(&page.link(context.text().say("back"), context.target()))
}

fn page_of(text: Text, report: &Report, shown: &str) -> Page {
    let mut page = Page::new(text.say_with("try_title", shown)).lead(text.say("try_lead"));
    if let Some(fault) = &report.fault {
        page = page.lead(text.say_with("try_failed", fault));
    }
    if let Some(subject) = &report.subject {
        page = page.lead(text.say_with("try_whom", subject));
        page = page.lead(match &report.email {
            Some((address, true)) => text.say_with("try_good", address),
            Some((address, false)) => text.say_with("try_not_good", address),
            None => text.say("try_no_address").to_owned(),
        });
    }
    if let Some(fate) = &report.fate {
        page = page.lead(words_of(text, fate));
    }
    page.list = report
        .claims
        .iter()
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    page
}

fn words_of(text: Text, fate: &Fate) -> String {
    let stage = match fate {
        Fate::SignedIn(user) => return text.say_with("try_known", user),
        Fate::Linked(user) => return text.say_with("try_automatic", user),
        Fate::Asked(stage) => stage,
    };
    let word = match stage {
        Stage::Add(..) | Stage::SignIn => "try_sign_in",
        Stage::Address(_) | Stage::Code(_) => "try_address",
        Stage::Confirm(_) => "try_confirm",
        Stage::Invited(_) => "try_invited",
        Stage::SignUp(..) => "try_sign_up",
        Stage::TakeOver(..) => "try_take_over",
        Stage::Closed => "try_closed",
    };
    text.say(word).to_owned()
}
