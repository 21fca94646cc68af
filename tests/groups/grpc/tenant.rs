//! What the tenant asks of people and what they may do in it: the same as in JSON.

use super::{Call, account::compare};
use crate::{
    provider::use_provider,
    support::{TestApp, roles::CONSOLE},
};
use reqwest::Method;
use serde_json::json;
use tenantry_proto::zitadel::{
    auth::v1::{
        GetMyLabelPolicyRequest, GetMyLoginPolicyRequest, GetMyPasswordComplexityPolicyRequest,
        GetMyPrivacyPolicyRequest, GetSupportedLanguagesRequest, HealthzRequest, ListMyMembershipsRequest,
        ListMyProjectOrgsRequest, ListMyProjectPermissionsRequest, ListMyUserGrantsRequest,
        ListMyZitadelPermissionsRequest,
    },
    org::v1::{OrgNameQuery, OrgQuery, OrgStateQuery, org_query},
    user::v1::{MembershipIamQuery, MembershipQuery, membership_query},
};

#[tokio::test]
async fn policies_are_told_as_in_json() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let tenant = app.default_tenant();
    let (owner, ada) = (tenant.owner().await, tenant.sign_up_proven("ada").await);
    let none = json!({});
    for is_decided in [false, true] {
        if is_decided {
            use_provider(&owner, "ada", "corp", "1").await;
            let branding = json!({
                "color": "#112233", "logoUrl": "https://www.example.com/logo.png", "contactEmail": "help@example.com",
                "homeUrl": "https://www.example.com", "termsUrl": "https://www.example.com/terms",
            });
            for (policy, spec) in [
                ("branding", branding),
                ("password", json!({ "preset": "legacy-classes" })),
            ] {
                let path = format!("{CONSOLE}/policies/{policy}");
                owner.put(&path, &json!({ "spec": spec })).await.expect(200);
            }
        }
        let at = |path| (Method::GET, path, &none);
        compare(
            &ada,
            "GetMyPasswordComplexityPolicy",
            at("/policies/passwords/complexity"),
            &GetMyPasswordComplexityPolicyRequest {},
        )
        .await;
        compare(
            &ada,
            "GetMyLoginPolicy",
            at("/policies/login"),
            &GetMyLoginPolicyRequest {},
        )
        .await;
        compare(
            &ada,
            "GetMyLabelPolicy",
            at("/policies/label"),
            &GetMyLabelPolicyRequest {},
        )
        .await;
        compare(
            &ada,
            "GetMyPrivacyPolicy",
            at("/policies/privacy"),
            &GetMyPrivacyPolicyRequest {},
        )
        .await;
        compare(
            &ada,
            "GetSupportedLanguages",
            at("/languages"),
            &GetSupportedLanguagesRequest {},
        )
        .await;
    }
}

#[tokio::test]
async fn health_is_told_to_anybody() {
    let app = TestApp::start().await;
    let nobody = app.default_tenant().anybody();
    let health = || Call::new("Healthz", &HealthzRequest {});
    assert_eq!(health().send(&nobody).await.message(), [0; 0]);
    let elsewhere = health().with("x-zitadel-orgid", "ten_other").send(&nobody).await;
    assert_eq!(elsewhere.refusal(), (7, "forbidden".to_owned()));
    let none = health().with_body("no frame at all".into()).send(&nobody).await;
    assert_eq!(none.refusal(), (3, "malformed".to_owned()));
}

#[tokio::test]
async fn rights_are_told_as_in_json() {
    let app = TestApp::start().await;
    let ada = app.tenant("acme").await.sign_up("ada").await;
    app.work().await;
    let none = json!({});
    let at = |path| (Method::POST, path, &none);
    compare(
        &ada,
        "ListMyZitadelPermissions",
        at("/permissions/zitadel/me/_search"),
        &ListMyZitadelPermissionsRequest {},
    )
    .await;
    compare(
        &ada,
        "ListMyProjectPermissions",
        at("/permissions/me/_search"),
        &ListMyProjectPermissionsRequest {},
    )
    .await;
    let grants = ListMyUserGrantsRequest { query: None };
    compare(&ada, "ListMyUserGrants", at("/usergrants/me/_search"), &grants).await;
    for (asked, iam) in [(json!({}), None), (json!({ "iamQuery": {} }), Some(false))] {
        let query = iam.map(|iam| membership_query::Query::IamQuery(MembershipIamQuery { iam }));
        let message = ListMyMembershipsRequest {
            query: None,
            queries: vec![MembershipQuery { query }],
        };
        let asked = json!({ "queries": [asked] });
        let search = (Method::POST, "/memberships/me/_search", &asked);
        compare(&ada, "ListMyMemberships", search, &message).await;
    }
    let named = OrgNameQuery {
        name: "AC".to_owned(),
        method: 3,
    };
    let begins = json!({ "name": "AC", "method": "TEXT_QUERY_METHOD_STARTS_WITH_IGNORE_CASE" });
    for (asked, query) in [
        (json!({ "nameQuery": begins }), org_query::Query::NameQuery(named)),
        (
            json!({ "stateQuery": { "state": "ORG_STATE_REMOVED" } }),
            org_query::Query::StateQuery(OrgStateQuery { state: 3 }),
        ),
        (
            json!({ "stateQuery": { "state": 9 } }),
            org_query::Query::StateQuery(OrgStateQuery { state: 9 }),
        ),
    ] {
        let message = ListMyProjectOrgsRequest {
            queries: vec![OrgQuery { query: Some(query) }],
            ..ListMyProjectOrgsRequest::default()
        };
        let asked = json!({ "queries": [asked] });
        let search = (Method::POST, "/global/projectorgs/_search", &asked);
        compare(&ada, "ListMyProjectOrgs", search, &message).await;
    }
}

#[tokio::test]
async fn methods_that_json_has_by_post_are_called_at_its_paths() {
    let app = TestApp::start().await;
    let ada = app.default_tenant().sign_up("ada").await;
    app.work().await;
    for (path, method) in [
        ("/users/me/changes/_search", "ListMyUserChanges"),
        ("/users/me/sessions/_search", "ListMyUserSessions"),
        ("/users/me/metadata/_search", "ListMyMetadata"),
        ("/usergrants/me/_search", "ListMyUserGrants"),
        ("/permissions/zitadel/me/_search", "ListMyZitadelPermissions"),
        ("/permissions/me/_search", "ListMyProjectPermissions"),
        ("/memberships/me/_search", "ListMyMemberships"),
        ("/global/projectorgs/_search", "ListMyProjectOrgs"),
        ("/users/me/tokens/refresh/_search", "ListMyRefreshTokens"),
        ("/users/me/tokens/refresh/_revoke_all", "RevokeAllMyRefreshTokens"),
    ] {
        let mut there = Call::new(method, &HealthzRequest {});
        there.path = format!("/auth/v1{path}");
        there.send(&ada).await.check();
    }
}
