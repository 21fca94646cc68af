//! Signing up.

use super::{
    first, form,
    page::{Field, Page},
    request::{PageContext, PageRequest},
    sign_in::wanted_password,
    verify,
};
use crate::{
    access::permission::UsersRegister,
    account::{self, Newcomer, SignUp, SignUpMode},
    captcha::Action,
    context::RequestContext,
    extract::Guest,
    kit::{
        error::{Error, Result},
        text::{DisplayName, Email, UserName},
    },
    password::Words,
    setting,
    user::Detailed,
    verification::{self, Purpose},
};
use poem::{Response, http::StatusCode};

/// The proof of an address that a person brings to sign up.
enum SignUpProof {
    /// Nothing, which is enough.
    Nothing,
    /// A link to this address.
    Link(Email),
    /// A link that does not work any more.
    Dead,
    /// Not what the tenant asks for.
    Missing(SignUpMode),
}

async fn sign_up_proof(request: &PageRequest, guest: &RequestContext) -> Result<SignUpProof> {
    let (policy, challenge) = guest
        .read(async |tx| {
            let (policy, _) = setting::read::<SignUp>(tx).await?;
            let Some(token) = request.token() else {
                return Ok((policy, None));
            };
            let code = verification::of_link(tx, Purpose::Register, token).await?;
            let challenge = match code {
                Some(challenge) => Some(challenge),
                None => verification::of_link(tx, Purpose::Invite, token).await?,
            };
            Ok((policy, challenge))
        })
        .await?;
    Ok(match (policy.mode, challenge) {
        (SignUpMode::Closed, _) => SignUpProof::Missing(SignUpMode::Closed),
        (SignUpMode::Invited, Some(challenge)) if challenge.purpose != Purpose::Invite => {
            SignUpProof::Missing(SignUpMode::Invited)
        }
        (_, Some(challenge)) => SignUpProof::Link(crate::email::parse(&challenge.address)?),
        (_, None) if request.token().is_some() => SignUpProof::Dead,
        (SignUpMode::Invited, None) => SignUpProof::Missing(SignUpMode::Invited),
        (SignUpMode::Open, None) => SignUpProof::Nothing,
    })
}

fn form_page(request: &PageRequest, context: &PageContext<'_>, proven: Option<&Email>) -> Page {
    let (text, form) = (context.text(), &request.form);
    let email = Field::new("email", text.say("email"), "email", "email");
    let fields = vec![
        Field::new("username", text.say("user_name"), "text", "username")
            .hint(text.say("user_name_hint"))
            .typed(form.text("username")),
        match proven {
            Some(address) => email.fixed(address.address()),
            None => email.typed(form.text("email")),
        },
        Field::new("display_name", text.say("display_name"), "text", "name")
            .optional()
            .typed(form.text("display_name")),
        context.new_password("password"),
    ];
    let page = Page::new(text.say("sign_up"));
    let page = match proven {
        Some(_) => page.lead(text.say("sign_up_proven_lead")),
        None => page,
    };
    page.form(text.say("sign_up"), fields)
        .does(Action::SignUp)
        .link(text.say("have_account_link"), context.link(""))
}

/// Says kindly why nobody signs up here without an invitation, or at all.
fn refused_page(context: &PageContext<'_>, mode: SignUpMode) -> Result<Response> {
    let text = context.text();
    let (title, lead) = match mode {
        SignUpMode::Closed => ("sign_up_closed", "sign_up_closed_lead"),
        _ => ("sign_up_invited", "sign_up_invited_lead"),
    };
    let page = Page::new(text.say(title)).lead(text.say(lead));
    context.show_as(
        StatusCode::FORBIDDEN,
        &page.link(text.say("have_account_link"), context.link("")),
    )
}

pub(super) async fn show(request: &PageRequest) -> Result<Response> {
    let guest = Guest::<UsersRegister>::open(&request.http).await?;
    let context = request.load_context(&guest).await?;
    match sign_up_proof(request, &guest).await? {
        SignUpProof::Nothing => context.show(&form_page(request, &context, None)),
        SignUpProof::Link(email) => context.show(&form_page(request, &context, Some(&email))),
        SignUpProof::Dead => verify::expired(&context, &["sign-up"]),
        SignUpProof::Missing(mode) => refused_page(&context, mode),
    }
}

pub(super) async fn sign_up(request: &PageRequest) -> Result<Response> {
    let guest = Guest::<UsersRegister>::open(&request.http).await?;
    let context = request.load_context(&guest).await?;
    let proven = match sign_up_proof(request, &guest).await? {
        SignUpProof::Nothing => None,
        SignUpProof::Link(email) => Some(email),
        SignUpProof::Dead => return verify::expired(&context, &["sign-up"]),
        SignUpProof::Missing(mode) => return refused_page(&context, mode),
    };
    let text = context.text();
    match create(request, &guest, proven.as_ref()).await {
        Ok(made) if made.addresses.primary.verified_at.is_some() => {
            if let Some(response) = first::enter_as(request, &context, &guest, &made).await? {
                return Ok(response);
            }
            let page = Page::new(text.say("sign_up_done")).lead(text.say("sign_up_done_lead"));
            context.show(&page.link(text.say("to_sign_in"), context.link("")))
        }
        Ok(made) => {
            let address = &made.addresses.primary.address;
            let page = Page::new(text.say("sign_up_mailed")).lead(text.say_with("sign_up_mailed_lead", address));
            let fields = verify::code_fields(&context, address);
            let page = page.form_to(Some("verify"), text.say("verify_button"), fields);
            let mut response = context.show(&page.link(text.say("to_sign_in"), context.link("")))?;
            first::remember(request, &guest, &made, &mut response);
            Ok(response)
        }
        Err(error) => context.refuse(form_page(request, &context, proven.as_ref()), error),
    }
}

async fn create(request: &PageRequest, guest: &RequestContext, proven: Option<&Email>) -> Result<Detailed> {
    let form = &request.form;
    let name = form::parse::<UserName>(form, "username", "user_name");
    let email = match proven {
        Some(email) => Ok(email.clone()),
        None => form::parse::<Email>(form, "email", "email"),
    };
    let display_name = match form.get("display_name") {
        Some(name) => name.parse::<DisplayName>().map(Some),
        None => Ok(None),
    };
    let display_name = display_name.map_err(|why| Error::field("display_name", "display_name", why));
    // Also where something else is wrong: people are told everything at once.
    let password = match wanted_password(request, "password") {
        Ok(new) => {
            let accepted = account::accept_password(guest, "password", &new, &Words::default()).await;
            accepted.map(|_| new)
        }
        Err(error) => Err(error),
    };
    let fields = form::both(form::both(name, email), form::both(display_name, password));
    let ((name, email), (display_name, password)) = fields?;
    let proof = request.token().filter(|_| proven.is_some());
    let newcomer = Newcomer {
        name: Some(name),
        email: &email,
        password: ("password", &password),
        display_name,
        proof: proof.and_then(|token| Some((verification::for_sign_up(token, &email)?, token))),
        options: request.options(),
    };
    account::sign_up(guest, &request.server, newcomer).await
}
