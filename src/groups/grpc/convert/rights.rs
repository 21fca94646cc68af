//! Answers about what the caller may do.

use super::listed;
use crate::groups::me::rights;
use tenantry_proto::zitadel::{
    auth::v1::{
        ListMyMembershipsResponse, ListMyProjectOrgsResponse, ListMyProjectPermissionsResponse,
        ListMyUserGrantsResponse, ListMyZitadelPermissionsResponse, UserGrant,
    },
    org::v1::{Org, OrgState},
    user::v1::{Membership, Type, UserGrantState, membership},
};

listed! {
    rights::ListMyMembershipsResponse => ListMyMembershipsResponse of Membership;
    rights::ListMyUserGrantsResponse => ListMyUserGrantsResponse of UserGrant;
    rights::ListMyProjectOrgsResponse => ListMyProjectOrgsResponse of Org;
}

macro_rules! permissions {
    ($($answer:ident),+) => {$(
        impl From<rights::ListMyPermissionsResponse> for $answer {
            fn from(from: rights::ListMyPermissionsResponse) -> Self {
                Self { result: from.result }
            }
        }
    )+};
}

permissions!(ListMyZitadelPermissionsResponse, ListMyProjectPermissionsResponse);

impl From<rights::Membership> for Membership {
    fn from(from: rights::Membership) -> Self {
        Self {
            user_id: from.user_id.to_string(),
            details: Some(from.details.into()),
            roles: from.roles,
            display_name: from.display_name,
            r#type: Some(membership::Type::OrgId(from.org_id.to_string())),
        }
    }
}

impl From<rights::UserGrant> for UserGrant {
    fn from(from: rights::UserGrant) -> Self {
        let (rights::UserType::Human, rights::UserGrantState::Active) = (from.user_type, from.state);
        Self {
            org_id: from.org_id.to_string(),
            user_id: from.user_id.to_string(),
            roles: from.roles,
            org_name: from.org_name,
            grant_id: from.grant_id.to_string(),
            details: Some(from.details.into()),
            org_domain: from.org_domain,
            role_keys: from.role_keys,
            user_type: Type::Human.into(),
            state: UserGrantState::Active.into(),
            ..Self::default()
        }
    }
}

impl From<rights::Org> for Org {
    fn from(from: rights::Org) -> Self {
        Self {
            id: from.id.to_string(),
            details: None,
            state: match from.state {
                rights::OrgState::Unspecified => OrgState::Unspecified,
                rights::OrgState::Active => OrgState::Active,
                rights::OrgState::Inactive => OrgState::Inactive,
                rights::OrgState::Removed => OrgState::Removed,
            }
            .into(),
            name: from.name,
            primary_domain: from.primary_domain,
        }
    }
}
