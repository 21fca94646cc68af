//! Answers about the caller's account.

use super::{listed, moment};
use crate::groups::me::{changes, identities, metadata, sessions, user};
use tenantry_proto::zitadel::{
    auth::v1::{
        GetMyEmailResponse, GetMyMetadataResponse, GetMyProfileResponse, GetMyUserResponse, ListMyLinkedIdPsResponse,
        ListMyMetadataResponse, ListMyRefreshTokensResponse, ListMyUserChangesResponse, ListMyUserSessionsResponse,
        RevokeAllMyRefreshTokensResponse,
    },
    change::v1::Change,
    idp::v1::{IdpType, IdpUserLink},
    metadata::v1::Metadata,
    user::v1::{Email, Gender, Human, Profile, RefreshToken, Session, SessionState, User, UserState, user::Type},
    v1::LocalizedMessage,
};

listed! {
    identities::ListMyLinkedIdpsResponse => ListMyLinkedIdPsResponse of IdpUserLink;
    metadata::ListMyMetadataResponse => ListMyMetadataResponse of Metadata;
    sessions::ListMyRefreshTokensResponse => ListMyRefreshTokensResponse of RefreshToken;
}

impl From<user::GetMyUserResponse> for GetMyUserResponse {
    fn from(from: user::GetMyUserResponse) -> Self {
        Self {
            user: Some(from.user.into()),
            last_login: None,
        }
    }
}

impl From<user::MyUser> for User {
    fn from(from: user::MyUser) -> Self {
        Self {
            id: from.id.to_string(),
            details: Some(from.details.into()),
            state: match from.state {
                user::MyUserState::Active => UserState::Active,
                user::MyUserState::Inactive => UserState::Inactive,
            }
            .into(),
            user_name: from.user_name,
            login_names: from.login_names,
            preferred_login_name: from.preferred_login_name,
            r#type: Some(Type::Human(from.human.into())),
        }
    }
}

impl From<user::Human> for Human {
    fn from(from: user::Human) -> Self {
        Self {
            profile: Some(from.profile.into()),
            email: Some(from.email.into()),
            ..Self::default()
        }
    }
}

impl From<user::Profile> for Profile {
    fn from(from: user::Profile) -> Self {
        Self {
            first_name: from.first_name.unwrap_or_default(),
            last_name: from.last_name.unwrap_or_default(),
            nick_name: from.nick_name.unwrap_or_default(),
            display_name: from.display_name,
            preferred_language: from.preferred_language.unwrap_or_default(),
            gender: from.gender.map(Gender::from).unwrap_or_default().into(),
            avatar_url: from.avatar_url.unwrap_or_default(),
        }
    }
}

impl From<user::Gender> for Gender {
    fn from(from: user::Gender) -> Self {
        match from {
            user::Gender::Unspecified => Self::Unspecified,
            user::Gender::Female => Self::Female,
            user::Gender::Male => Self::Male,
            user::Gender::Diverse => Self::Diverse,
        }
    }
}

impl From<user::GetMyProfileResponse> for GetMyProfileResponse {
    fn from(from: user::GetMyProfileResponse) -> Self {
        Self {
            details: Some(from.details.into()),
            profile: Some(from.profile.into()),
        }
    }
}

/// The published message has no place for an address that waits to be proven.
impl From<user::MyEmail> for Email {
    fn from(from: user::MyEmail) -> Self {
        Self {
            email: from.email,
            is_email_verified: from.is_email_verified,
        }
    }
}

impl From<user::GetMyEmailResponse> for GetMyEmailResponse {
    fn from(from: user::GetMyEmailResponse) -> Self {
        Self {
            details: Some(from.details.into()),
            email: Some(from.email.into()),
        }
    }
}

impl From<identities::IdpType> for IdpType {
    fn from(from: identities::IdpType) -> Self {
        match from {
            identities::IdpType::Unspecified => Self::Unspecified,
            identities::IdpType::Oidc => Self::Oidc,
        }
    }
}

impl From<identities::IdpUserLink> for IdpUserLink {
    fn from(from: identities::IdpUserLink) -> Self {
        Self {
            user_id: from.user_id.to_string(),
            idp_id: from.idp_id.to_string(),
            idp_name: from.idp_name,
            provided_user_id: from.provided_user_id,
            provided_user_name: from.provided_user_name,
            idp_type: IdpType::from(from.idp_type).into(),
        }
    }
}

impl From<sessions::ListMyUserSessionsResponse> for ListMyUserSessionsResponse {
    fn from(from: sessions::ListMyUserSessionsResponse) -> Self {
        Self {
            result: from.result.into_iter().map(Session::from).collect(),
        }
    }
}

impl From<sessions::MySession> for Session {
    fn from(from: sessions::MySession) -> Self {
        let sessions::SessionState::Active = from.auth_state;
        Self {
            session_id: from.session_id.to_string(),
            agent_id: String::new(),
            auth_state: SessionState::Active.into(),
            user_id: from.user_id.to_string(),
            user_name: from.user_name,
            login_name: from.login_name,
            display_name: from.display_name,
            details: Some(from.details.into()),
            avatar_url: from.avatar_url.unwrap_or_default(),
        }
    }
}

impl From<sessions::MyRefreshToken> for RefreshToken {
    fn from(from: sessions::MyRefreshToken) -> Self {
        Self {
            id: from.id.to_string(),
            details: Some(from.details.into()),
            client_id: from.client_id,
            auth_time: Some(moment(from.auth_time)),
            idle_expiration: Some(moment(from.idle_expiration)),
            expiration: Some(moment(from.expiration)),
            scopes: from.scopes,
            audience: from.audience,
        }
    }
}

impl From<sessions::RevokeAllMyRefreshTokensResponse> for RevokeAllMyRefreshTokensResponse {
    fn from(_: sessions::RevokeAllMyRefreshTokensResponse) -> Self {
        Self {}
    }
}

impl From<metadata::GetMyMetadataResponse> for GetMyMetadataResponse {
    fn from(from: metadata::GetMyMetadataResponse) -> Self {
        Self {
            metadata: Some(from.metadata.into()),
        }
    }
}

impl From<metadata::Metadata> for Metadata {
    fn from(from: metadata::Metadata) -> Self {
        Self {
            details: Some(from.details.into()),
            key: from.key,
            value: from.value.0,
        }
    }
}

impl From<changes::ListMyUserChangesResponse> for ListMyUserChangesResponse {
    fn from(from: changes::ListMyUserChangesResponse) -> Self {
        Self {
            result: from.result.into_iter().map(Change::from).collect(),
        }
    }
}

impl From<changes::Change> for Change {
    fn from(from: changes::Change) -> Self {
        Self {
            change_date: Some(moment(from.at)),
            event_type: Some(LocalizedMessage {
                key: from.event_type.key,
                localized_message: from.event_type.localized_message,
            }),
            sequence: from.sequence.0,
            editor_id: from.editor_id.map(|id| id.to_string()).unwrap_or_default(),
            editor_display_name: from.editor_display_name.unwrap_or_default(),
            resource_owner_id: from.resource_owner_id.to_string(),
            editor_preferred_login_name: from.editor_preferred_login_name.unwrap_or_default(),
            editor_avatar_url: from.editor_avatar_url.unwrap_or_default(),
        }
    }
}
