//! What JSON says, as messages.

use crate::{groups::me, kit::time::Timestamp};
use tenantry_proto::{
    self as proto,
    zitadel::{
        auth::v1::{
            GetMyEmailResponse, GetMyUserResponse, ListMyLinkedIdPsResponse, RemoveMyLinkedIdpResponse,
            ResendMyEmailVerificationResponse, SetMyEmailResponse, VerifyMyEmailResponse,
        },
        idp::v1::{IdpType, IdpUserLink},
        user::v1::{Email, Human, Profile, User, UserState, user::Type},
        v1::{ListDetails, ObjectDetails},
    },
};

/// To the microsecond, as JSON has it.
fn moment(Timestamp(at): Timestamp) -> proto::Timestamp {
    proto::Timestamp {
        seconds: at.timestamp(),
        nanos: i32::try_from(at.timestamp_subsec_micros() * 1000).unwrap_or_default(),
    }
}

macro_rules! written {
    ($($answer:ident),+) => {$(
        impl From<me::Written> for $answer {
            fn from(from: me::Written) -> Self {
                Self {
                    details: Some(from.details.into()),
                }
            }
        }
    )+};
}

written!(
    SetMyEmailResponse,
    VerifyMyEmailResponse,
    ResendMyEmailVerificationResponse,
    RemoveMyLinkedIdpResponse
);

impl From<me::ObjectDetails> for ObjectDetails {
    fn from(from: me::ObjectDetails) -> Self {
        Self {
            sequence: from.sequence.0,
            creation_date: Some(moment(from.creation_date)),
            change_date: Some(moment(from.change_date)),
            resource_owner: from.resource_owner.to_string(),
        }
    }
}

impl From<me::GetMyUserResponse> for GetMyUserResponse {
    fn from(from: me::GetMyUserResponse) -> Self {
        Self {
            user: Some(from.user.into()),
            last_login: None,
        }
    }
}

impl From<me::MyUser> for User {
    fn from(from: me::MyUser) -> Self {
        Self {
            id: from.id.to_string(),
            details: Some(from.details.into()),
            state: match from.state {
                me::MyUserState::Active => UserState::Active,
                me::MyUserState::Inactive => UserState::Inactive,
            }
            .into(),
            user_name: from.user_name,
            login_names: from.login_names,
            preferred_login_name: from.preferred_login_name,
            r#type: Some(Type::Human(from.human.into())),
        }
    }
}

impl From<me::Human> for Human {
    fn from(from: me::Human) -> Self {
        Self {
            profile: Some(Profile {
                display_name: from.profile.display_name,
                ..Profile::default()
            }),
            email: Some(from.email.into()),
            ..Self::default()
        }
    }
}

/// The published message has no place for an address that waits to be proven.
impl From<me::MyEmail> for Email {
    fn from(from: me::MyEmail) -> Self {
        Self {
            email: from.email,
            is_email_verified: from.is_email_verified,
        }
    }
}

impl From<me::GetMyEmailResponse> for GetMyEmailResponse {
    fn from(from: me::GetMyEmailResponse) -> Self {
        Self {
            details: Some(from.details.into()),
            email: Some(from.email.into()),
        }
    }
}

impl From<me::ListMyLinkedIdpsResponse> for ListMyLinkedIdPsResponse {
    fn from(from: me::ListMyLinkedIdpsResponse) -> Self {
        Self {
            details: Some(ListDetails {
                total_result: from.details.total_result.0,
                processed_sequence: 0,
                view_timestamp: Some(moment(from.details.view_timestamp)),
            }),
            result: from.result.into_iter().map(IdpUserLink::from).collect(),
        }
    }
}

impl From<me::IdpUserLink> for IdpUserLink {
    fn from(from: me::IdpUserLink) -> Self {
        Self {
            user_id: from.user_id.to_string(),
            idp_id: from.idp_id.to_string(),
            idp_name: from.idp_name,
            provided_user_id: from.provided_user_id,
            provided_user_name: from.provided_user_name,
            idp_type: match from.idp_type {
                me::IdpType::Unspecified => IdpType::Unspecified,
                me::IdpType::Oidc => IdpType::Oidc,
            }
            .into(),
        }
    }
}
