//! `/tenant`: what anybody may know of the tenant they are at.

use crate::{
    access::permission::TenantGet,
    account::SignUp,
    captcha::{self, Action, Captcha, ProviderName},
    console::Tag,
    extract::Guest,
    kit::error::Result,
    sender,
    setting::{self, Branding},
};
use poem_openapi::{Object, OpenApi, payload::Json};
use tenantry_boxed::boxed;

/// What anybody may know of a tenant.
#[derive(Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct PublicTenant {
    /// Its stable handle.
    name: String,
    /// What people call it.
    display_name: String,
    /// Whether mail is kept here to be read instead of being sent.
    mailbox: bool,
    /// Whether people may delete their own account.
    account_deletion: bool,
    /// Whether people may change their own user name.
    name_change: bool,
    /// The CAPTCHA that requests may need; none if there is none.
    captcha: Option<PublicCaptcha>,
}

/// The CAPTCHA that requests may need: what a page needs to show its widget.
#[derive(Object)]
#[oai(rename_all = "camelCase")]
pub struct PublicCaptcha {
    /// Whose widget it is.
    provider: ProviderName,
    /// The public key of the widget.
    site_key: String,
    /// What takes the token of a widget, in the header `X-Captcha-Token`: `sign-up`, `send-code`,
    /// `reset-password` and `sign-in`. The widget names the same as its action, with `_` for `-`
    /// where the provider takes no other.
    required_for: Vec<String>,
}

/// The tenant's own operations.
pub struct Api;

#[OpenApi(tag = "Tag::Tenant")]
#[boxed]
impl Api {
    /// See the tenant
    ///
    /// Which tenant this address belongs to, whether its mail is sent or kept in the built-in
    /// mailbox, whether people may change their name and leave, and the CAPTCHA that pages of applications have to show.
    #[oai(path = "/tenant", method = "get", operation_id = "GetTenant")]
    async fn get(&self, guest: Guest<TenantGet>) -> Result<Json<PublicTenant>> {
        let keeps = guest.server().mailer.keeps();
        let ((branding, captcha, sign_up), mailbox) = guest
            .run(async |tx| {
                let policies = setting::read_several::<(Branding, Captcha, SignUp)>(tx).await?;
                let mailbox = keeps && !sender::is_any_on(tx).await?;
                Ok((policies, mailbox))
            })
            .await?;
        let acts = Action::ALL.iter().filter(|act| captcha.required.asks(**act, true));
        let required_for = acts.map(|act| act.name().to_owned()).collect();
        let captcha = captcha::widget(&captcha).map(|widget| PublicCaptcha {
            provider: widget.provider,
            site_key: widget.site_key,
            required_for,
        });
        Ok(Json(PublicTenant {
            name: guest.tenant.name.to_string(),
            display_name: branding.of(&guest.tenant, None).name,
            captcha,
            mailbox,
            account_deletion: sign_up.account_deletion,
            name_change: sign_up.name_change,
        }))
    }
}
