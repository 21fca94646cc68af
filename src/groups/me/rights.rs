//! What the caller may do, and where: the tenant is the one organisation.

use super::shape::{ListDetails, ListQuery, ListRequest, ObjectDetails, TextQueryMethod, one_of_each};
use crate::{
    access::permission::UsersPermissionsGet,
    account,
    console::Tag,
    context::Person,
    extract::Own,
    groups::rpc::Result,
    kit::{
        body::Body,
        error,
        id::{TenantId, UserId},
    },
    setting::{self, Branding},
};
use poem_openapi::{Enum, Object, OpenApi, payload::Json};
use tenantry_boxed::boxed;

/// What the caller may do.
#[derive(Debug, Object)]
pub struct ListMyPermissionsResponse {
    /// In words of the product.
    pub(crate) result: Vec<String>,
}

/// Which memberships are asked for.
#[derive(Debug, Object)]
pub struct ListMyMembershipsRequest {
    /// The part; all of it if absent.
    #[oai(default)]
    query: ListQuery,
    /// What all of them must meet.
    #[oai(default, validator(max_items = 20))]
    queries: Vec<MembershipQuery>,
}

/// What a membership must be of; one thing.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct MembershipQuery {
    #[oai(rename = "orgQuery")]
    org: Option<MembershipOrgQuery>,
    #[oai(rename = "projectQuery")]
    project: Option<MembershipProjectQuery>,
    #[oai(rename = "projectGrantQuery")]
    project_grant: Option<MembershipProjectGrantQuery>,
    #[oai(rename = "iamQuery")]
    iam: Option<MembershipIamQuery>,
}

/// An organisation.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct MembershipOrgQuery {
    /// Its id: the tenant's.
    #[oai(validator(max_length = 200))]
    org_id: String,
}

/// A project, of which there are none.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct MembershipProjectQuery {
    /// Its id.
    #[oai(validator(max_length = 200))]
    project_id: String,
}

/// What was granted of a project, of which there are none.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct MembershipProjectGrantQuery {
    /// Its id.
    #[oai(validator(max_length = 200))]
    project_grant_id: String,
}

/// The whole instance, of which nobody is a member.
#[derive(Debug, Object)]
pub struct MembershipIamQuery {
    /// Whether it is of the instance.
    #[oai(default)]
    iam: bool,
}

/// Where the caller is a member.
#[derive(Debug, Object)]
pub struct ListMyMembershipsResponse {
    pub(crate) details: ListDetails,
    /// Those of the part.
    pub(crate) result: Vec<Membership>,
}

/// That the caller is a member of the tenant.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct Membership {
    /// The caller's id.
    pub(crate) user_id: UserId,
    /// The caller's account.
    pub(crate) details: ObjectDetails,
    /// Names of the caller's roles.
    pub(crate) roles: Vec<String>,
    /// What people call the tenant.
    pub(crate) display_name: String,
    /// The tenant's id.
    pub(crate) org_id: TenantId,
}

/// What was granted to the caller.
#[derive(Debug, Object)]
pub struct ListMyUserGrantsResponse {
    pub(crate) details: ListDetails,
    /// Those of the part.
    pub(crate) result: Vec<UserGrant>,
}

/// The roles that were granted to the caller.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct UserGrant {
    /// The tenant's id.
    pub(crate) org_id: TenantId,
    /// The caller's id.
    pub(crate) user_id: UserId,
    /// Names of the caller's roles.
    pub(crate) roles: Vec<String>,
    /// What people call the tenant.
    pub(crate) org_name: String,
    /// The caller's id: everybody has one grant.
    pub(crate) grant_id: UserId,
    /// The caller's account.
    pub(crate) details: ObjectDetails,
    /// The host of the tenant's addresses.
    pub(crate) org_domain: String,
    /// The same roles.
    pub(crate) role_keys: Vec<String>,
    pub(crate) user_type: UserType,
    pub(crate) state: UserGrantState,
}

/// What a user is.
#[derive(Debug, Enum)]
pub enum UserType {
    /// A person.
    #[oai(rename = "TYPE_HUMAN")]
    Human,
}

/// Whether a grant holds.
#[derive(Debug, Enum)]
pub enum UserGrantState {
    /// It does.
    #[oai(rename = "USER_GRANT_STATE_ACTIVE")]
    Active,
}

/// Which organisations are asked for.
#[derive(Debug, Object)]
pub struct ListMyProjectOrgsRequest {
    /// The part; all of it if absent.
    #[oai(default)]
    query: ListQuery,
    /// What all of them must meet.
    #[oai(default, validator(max_items = 20))]
    queries: Vec<OrgQuery>,
}

/// What an organisation must meet; of one kind.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct OrgQuery {
    #[oai(rename = "nameQuery")]
    name: Option<OrgNameQuery>,
    #[oai(rename = "domainQuery")]
    domain: Option<OrgDomainQuery>,
    #[oai(rename = "stateQuery")]
    state: Option<OrgStateQuery>,
    #[oai(rename = "idQuery")]
    id: Option<OrgIdQuery>,
}

/// A name that is looked for.
#[derive(Debug, Object)]
pub struct OrgNameQuery {
    /// The name, or a part of it.
    #[oai(validator(max_length = 200))]
    name: String,
    /// How it is looked for.
    #[oai(default)]
    method: TextQueryMethod,
}

/// A domain that is looked for.
#[derive(Debug, Object)]
pub struct OrgDomainQuery {
    /// The domain, or a part of it.
    #[oai(validator(max_length = 200))]
    domain: String,
    /// How it is looked for.
    #[oai(default)]
    method: TextQueryMethod,
}

/// A state that is looked for.
#[derive(Debug, Object)]
pub struct OrgStateQuery {
    /// The state.
    state: OrgState,
}

/// An id that is looked for.
#[derive(Debug, Object)]
pub struct OrgIdQuery {
    /// The id.
    #[oai(validator(max_length = 200))]
    id: String,
}

/// Whether an organisation is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum OrgState {
    /// Nobody says.
    #[oai(rename = "ORG_STATE_UNSPECIFIED")]
    Unspecified,
    /// It is.
    #[oai(rename = "ORG_STATE_ACTIVE")]
    Active,
    /// It is not.
    #[oai(rename = "ORG_STATE_INACTIVE")]
    Inactive,
    /// It is there no more.
    #[oai(rename = "ORG_STATE_REMOVED")]
    Removed,
}

/// The organisations that the caller is in.
#[derive(Debug, Object)]
pub struct ListMyProjectOrgsResponse {
    pub(crate) details: ListDetails,
    /// Those of the part.
    pub(crate) result: Vec<Org>,
}

/// The tenant.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct Org {
    /// Its id.
    pub(crate) id: TenantId,
    pub(crate) state: OrgState,
    /// What people call it.
    pub(crate) name: String,
    /// The host of its addresses.
    pub(crate) primary_domain: String,
}

/// What a membership must be of.
enum MemberOf {
    Org(String),
    Iam(bool),
    Project,
}

impl MemberOf {
    /// Of these questions.
    fn each(queries: Vec<MembershipQuery>) -> error::Result<Vec<Self>> {
        one_of_each(queries, |query| {
            vec![
                query.org.map(|query| Self::Org(query.org_id)),
                query.iam.map(|query| Self::Iam(query.iam)),
                query.project.map(|_| Self::Project),
                query.project_grant.map(|_| Self::Project),
            ]
        })
    }

    /// Whether a membership of this organisation is one.
    fn is(&self, org: TenantId) -> bool {
        match self {
            Self::Org(wanted) => *wanted == org.to_string(),
            Self::Iam(is_wanted) => !is_wanted,
            Self::Project => false,
        }
    }
}

/// What an organisation must meet.
enum Wanted {
    Name(OrgNameQuery),
    Domain(OrgDomainQuery),
    State(OrgState),
    Id(String),
}

impl Wanted {
    /// Of these questions.
    fn each(queries: Vec<OrgQuery>) -> error::Result<Vec<Self>> {
        one_of_each(queries, |query| {
            vec![
                query.name.map(Self::Name),
                query.domain.map(Self::Domain),
                query.state.map(|query| Self::State(query.state)),
                query.id.map(|query| Self::Id(query.id)),
            ]
        })
    }

    /// Whether an organisation meets it.
    fn is(&self, org: &Org) -> bool {
        match self {
            Self::Name(query) => query.method.finds(&query.name, &org.name),
            Self::Domain(query) => query.method.finds(&query.domain, &org.primary_domain),
            Self::State(state) => *state == org.state,
            Self::Id(id) => *id == org.id.to_string(),
        }
    }
}

impl Org {
    /// The tenant of the caller.
    async fn of(caller: &Person) -> error::Result<Self> {
        let (branding, _) = caller.run(async |tx| setting::read::<Branding>(tx).await).await?;
        let tenant = &caller.tenant;
        let domain = tenant.domain.as_deref();
        Ok(Self {
            id: tenant.id,
            state: OrgState::Active,
            name: branding.of(tenant, None).name,
            primary_domain: domain.unwrap_or(caller.services.urls.host()).to_owned(),
        })
    }
}

/// The operations on what the caller may do.
pub struct Api;

#[OpenApi(tag = "Tag::Account")]
#[boxed]
impl Api {
    /// List one's own permissions
    ///
    /// Each is the `x-permission` of an operation of these documents, with `@self` if it is only for what is the
    /// caller's own.
    #[oai(
        path = "/permissions/zitadel/me/_search",
        method = "post",
        operation_id = "ListMyZitadelPermissions"
    )]
    pub(crate) async fn list_my_zitadel_permissions(
        &self,
        caller: Own<UsersPermissionsGet>,
    ) -> Result<Json<ListMyPermissionsResponse>> {
        Ok(Json(ListMyPermissionsResponse {
            result: caller.policy.all_permitted(&caller.me.roles),
        }))
    }

    /// List one's own roles
    ///
    /// By their names, as tokens have them.
    #[oai(
        path = "/permissions/me/_search",
        method = "post",
        operation_id = "ListMyProjectPermissions"
    )]
    pub(crate) async fn list_my_project_permissions(
        &self,
        caller: Own<UsersPermissionsGet>,
    ) -> Result<Json<ListMyPermissionsResponse>> {
        Ok(Json(ListMyPermissionsResponse {
            result: caller.me.roles.clone(),
        }))
    }

    /// List one's own memberships
    ///
    /// That of the tenant, with the caller's roles.
    #[oai(
        path = "/memberships/me/_search",
        method = "post",
        operation_id = "ListMyMemberships"
    )]
    pub(crate) async fn list_my_memberships(
        &self,
        caller: Own<UsersPermissionsGet>,
        asked: Body<ListMyMembershipsRequest>,
    ) -> Result<Json<ListMyMembershipsResponse>> {
        let ListMyMembershipsRequest { query, queries } = asked.0;
        let queries = MemberOf::each(queries)?;
        let (user, org) = (account::get_own(&caller).await?, Org::of(&caller).await?);
        let mut all = vec![Membership {
            user_id: caller.user,
            details: ObjectDetails::new(&user, org.id),
            roles: user.roles.clone(),
            display_name: org.name,
            org_id: org.id,
        }];
        all.retain(|of| queries.iter().all(|query| query.is(of.org_id)));
        let (details, result) = query.of(all, caller.services.clock.now());
        Ok(Json(ListMyMembershipsResponse { details, result }))
    }

    /// List what was granted to oneself
    ///
    /// The caller's roles in the tenant.
    #[oai(path = "/usergrants/me/_search", method = "post", operation_id = "ListMyUserGrants")]
    pub(crate) async fn list_my_user_grants(
        &self,
        caller: Own<UsersPermissionsGet>,
        asked: Body<ListRequest>,
    ) -> Result<Json<ListMyUserGrantsResponse>> {
        let (user, org) = (account::get_own(&caller).await?, Org::of(&caller).await?);
        let all = vec![UserGrant {
            org_id: org.id,
            user_id: caller.user,
            roles: user.roles.clone(),
            org_name: org.name,
            grant_id: caller.user,
            details: ObjectDetails::new(&user, org.id),
            org_domain: org.primary_domain,
            role_keys: user.roles.clone(),
            user_type: UserType::Human,
            state: UserGrantState::Active,
        }];
        let (details, result) = asked.0.query.of(all, caller.services.clock.now());
        Ok(Json(ListMyUserGrantsResponse { details, result }))
    }

    /// List the organisations one is in
    ///
    /// The tenant, which is the one.
    #[oai(
        path = "/global/projectorgs/_search",
        method = "post",
        operation_id = "ListMyProjectOrgs"
    )]
    pub(crate) async fn list_my_project_orgs(
        &self,
        caller: Own<UsersPermissionsGet>,
        asked: Body<ListMyProjectOrgsRequest>,
    ) -> Result<Json<ListMyProjectOrgsResponse>> {
        let ListMyProjectOrgsRequest { query, queries } = asked.0;
        let queries = Wanted::each(queries)?;
        let mut all = vec![Org::of(&caller).await?];
        all.retain(|org| queries.iter().all(|query| query.is(org)));
        let (details, result) = query.of(all, caller.services.clock.now());
        Ok(Json(ListMyProjectOrgsResponse { details, result }))
    }
}
