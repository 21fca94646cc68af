//! What an application would be told of a user, before anybody signs in.

use super::{Place, may_enter, subject, terms, told};
use crate::{
    application::{self, Application},
    context::RequestContext,
    key::Audiences,
    kit::{
        db::Tx,
        error::{Error, Result},
        text::{ClientId, UserName},
    },
    server::Server,
    token::{self, Asker, Reach, Unreachable, Wanted},
    user::{self, Detailed},
};
use serde_json::{Map, Value, json};

/// What an application would be told of a user. What depends on the sign-in is not there.
#[derive(Debug)]
pub struct Preview {
    /// Whether the user may sign in to it now.
    pub is_allowed: bool,
    /// What it would get tokens for.
    pub reach: Reach,
    /// The claims of the ID token, if there is one.
    pub id_token: Option<Map<String, Value>>,
    /// Those of the access token.
    pub access_token: Map<String, Value>,
    /// Those of the userinfo endpoint, if the access token opens it.
    pub userinfo: Option<Map<String, Value>>,
}

fn with<const N: usize>(mut told: Map<String, Value>, standard: [(&str, Value); N]) -> Map<String, Value> {
    told.extend(standard.map(|(name, value)| (name.to_owned(), value)));
    told
}

fn compose(context: &RequestContext, user: &Detailed, application: &Application, reach: Reach) -> Preview {
    let issuer = context.tenant_url();
    let sub = subject(context, application, user.user.id);
    let told = |place| told(user, application, &reach.scopes, None, place);
    let is_openid = reach.scopes.iter().any(|scope| scope == "openid");
    let is_for_userinfo = is_openid && reach.audiences.contains(&token::userinfo(&issuer));
    let id_token = || {
        let standard = [
            ("iss", json!(issuer)),
            ("sub", json!(sub)),
            ("aud", json!(application.client_id())),
        ];
        with(told(Place::IdToken), standard)
    };
    let of_access_token = [
        ("iss", json!(issuer)),
        ("sub", json!(sub)),
        ("aud", json!(Audiences::from(reach.audiences.clone()))),
        ("client_id", json!(application.client_id())),
        ("scope", json!(reach.scopes.join(" "))),
    ];
    let may_sign_in = !user.user.disabled && !application.is_disabled();
    Preview {
        is_allowed: may_sign_in && may_enter(&context.policy, application, &user.roles),
        id_token: is_openid.then(id_token),
        access_token: with(told(Place::AccessToken), of_access_token),
        userinfo: is_for_userinfo.then(|| with(told(Place::Userinfo), [("sub", json!(sub))])),
        reach,
    }
}

/// What the application would be told of the user who signs in with these scopes, all of its own if none are named, at
/// these resources.
///
/// # Errors
/// There is no such user or application, or it may ask for nothing of that.
pub async fn preview(
    context: &RequestContext,
    server: &Server,
    (user, application): (&UserName, &ClientId),
    (scopes, resources): (Option<&[String]>, &[String]),
) -> Result<Preview> {
    let read = async |tx: &Tx| {
        let user = user::get(tx, user).await?;
        Ok((user, application::get(tx, application).await?))
    };
    let (user, application) = context.run(read).await?;
    let terms = terms(context, server).await?;
    let scope = scopes.unwrap_or(&application.spec.scopes).join(" ");
    let resources: Vec<&str> = resources.iter().map(String::as_str).collect();
    let wanted = Wanted {
        scope: Some(&scope),
        resources: &resources,
    };
    let reach = Reach::of(&application, Asker::Person, (&context.tenant_url(), &terms), wanted);
    let reach = reach.map_err(|why| match why {
        Unreachable::Scope(why) => Error::field("scopes", "value", why),
        Unreachable::Target(why) => Error::field("resources", "value", why),
    })?;
    Ok(compose(context, &user, &application, reach))
}
