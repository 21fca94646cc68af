//! What is told of a user (`OpenID` Connect Core §5).

use crate::{
    application::{Application, kind::ClaimForm, spec::Claim},
    user::Detailed,
};
use serde_json::{Map, Value, json};

/// Where it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// At the userinfo endpoint.
    Userinfo,
    /// In the ID token.
    IdToken,
    /// In the access token.
    AccessToken,
}

impl Place {
    /// The member of the parameter `claims` for it.
    fn name(self) -> &'static str {
        match self {
            Self::Userinfo => "userinfo",
            Self::IdToken => "id_token",
            Self::AccessToken => "",
        }
    }

    fn has(self, claim: &Claim) -> bool {
        match self {
            Self::Userinfo => claim.in_userinfo,
            Self::IdToken => claim.in_id_token,
            Self::AccessToken => claim.in_access_token,
        }
    }
}

/// Claims, and the scope that asks for each.
const CLAIMS: &[(&str, &[&str])] = &[
    (
        "profile",
        &[
            "name",
            "given_name",
            "family_name",
            "nickname",
            "preferred_username",
            "picture",
            "gender",
            "locale",
            "updated_at",
        ],
    ),
    ("email", &["email", "email_verified"]),
    ("phone", &["phone_number", "phone_number_verified"]),
    ("roles", &["roles"]),
];

/// A claim by its name; none if there is nothing to tell.
fn value(user: &Detailed, name: &str) -> Option<Value> {
    let row = &user.user;
    match name {
        "name" => Some(json!(row.display_name)).filter(|name| *name != ""),
        "given_name" => row.first_name.as_ref().map(|name| json!(name)),
        "family_name" => row.last_name.as_ref().map(|name| json!(name)),
        "nickname" => row.nickname.as_ref().map(|name| json!(name)),
        "gender" => row.gender.map(|gender| json!(gender)),
        "locale" => row.language.as_ref().map(|tag| json!(tag)),
        "preferred_username" => Some(json!(row.name)),
        "picture" => row.avatar.as_ref().map(|picture| json!(picture)),
        "updated_at" => Some(json!(row.updated_at.timestamp())),
        "email" => Some(json!(user.addresses.primary.address)),
        "email_verified" => Some(json!(user.addresses.primary.verified_at.is_some())),
        "phone_number" => row.phone.as_ref().map(|phone| json!(phone)),
        // Nobody has proven one here.
        "phone_number_verified" => row.phone.as_ref().map(|_| json!(false)),
        "roles" => Some(json!(user.roles)),
        _ => None,
    }
}

/// A claim of the application's own.
fn own(user: &Detailed, claim: &Claim) -> Option<Value> {
    if let Some(key) = claim.source.strip_prefix("label:") {
        return user.labels.get(key).map(|label| json!(label));
    }
    let value = value(user, &claim.source)?;
    match (claim.form, &value) {
        (ClaimForm::Text, Value::Array(_)) => Some(json!(user.roles.join(","))),
        _ => Some(value),
    }
}

/// What is told of a user to this application, of these scopes and of single claims that it asked for.
#[must_use]
pub fn told(
    user: &Detailed,
    application: &Application,
    scopes: &[String],
    asked: Option<&str>,
    place: Place,
) -> Map<String, Value> {
    let mut all = Map::new();
    let has_scope = |name: &str| scopes.iter().any(|scope| scope == name);
    // Single claims are told as far as their scopes could be: to an application of others, as far as they were granted.
    let may = |name: &str| match application.spec.first_party {
        true => application.spec.scopes.iter().any(|scope| scope == name),
        false => has_scope(name),
    };
    let asked: Value = asked
        .and_then(|asked| serde_json::from_str(asked).ok())
        .unwrap_or_default();
    let by_scope = match place {
        Place::Userinfo => true,
        Place::IdToken => application.spec.claims_in_id_token,
        Place::AccessToken => false,
    };
    for (scope, names) in CLAIMS {
        // Roles are what APIs decide by.
        let is_meant = has_scope(scope) && (by_scope || (place == Place::AccessToken && *scope == "roles"));
        for name in *names {
            let is_asked = may(scope) && asked[place.name()].get(name).is_some();
            if (is_meant || is_asked)
                && let Some(value) = value(user, name)
            {
                all.insert((*name).to_owned(), value);
            }
        }
    }
    for claim in application.spec.claims.iter().filter(|claim| place.has(claim)) {
        if let Some(value) = own(user, claim) {
            all.insert(claim.claim.clone(), value);
        }
    }
    all
}
