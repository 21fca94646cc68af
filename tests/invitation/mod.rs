//! Who may sign up: anybody, invited people, or nobody; and what an invitation is good for.

use crate::support::{
    PASSWORD, Person, Reply, Tenant, TestApp,
    roles::{make_person, make_role, roles_of},
};
use serde_json::{Value, json};

const INVITATIONS: &str = "/apis/console/v1alpha1/invitations";
const SIGN_UP: &str = "/apis/console/v1alpha1/policies/sign-up";
const ADA: &str = "ada@example.com";
const DAY: i64 = 24 * 3600;

async fn decide(owner: &Person<'_>, spec: Value) {
    owner.put(SIGN_UP, &json!({ "spec": spec })).await.expect(200);
}

/// Invites this address and returns the token of the mail.
async fn invite(owner: &Person<'_>, address: &str) -> String {
    let invited = json!({ "spec": { "email": address } });
    owner.post(INVITATIONS, &invited).await.expect(200);
    owner.tenant.mail_to(address).await[0].token()
}

async fn sign_up(tenant: &Tenant<'_>, name: &str, address: &str, code: Option<&str>) -> Reply {
    let new = json!({ "username": name, "email": address, "password": PASSWORD, "code": code });
    tenant.anybody().post("/v1/register", &new).await
}

#[tokio::test]
async fn where_people_are_invited_only_they_sign_up() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    decide(&owner, json!({ "mode": "invited" })).await;
    let token = invite(&owner, ADA).await;

    sign_up(&tenant, "ada", ADA, None)
        .await
        .expect_problem(403, "sign_up_closed");
    let nested = json!({ "user": { "email": ADA }, "password": PASSWORD, "confirmPassword": PASSWORD });
    let refused = tenant.anybody().post("/api/auth/register", &nested).await;
    refused.expect_problem(403, "sign_up_closed");
    for wrong in ["000000", &"x".repeat(43), ""] {
        let refused = sign_up(&tenant, "ada", ADA, Some(wrong)).await;
        assert!(
            [400, 403].contains(&refused.status.as_u16()),
            "{wrong}: {}",
            refused.text
        );
    }
    let made = sign_up(&tenant, "ada", ADA, Some(&token)).await.expect(200);
    assert_eq!(made["emailVerified"], true);
    tenant.sign_in("ada").await;
    let open = owner.get(INVITATIONS).await.expect(200);
    assert_eq!(open["items"], json!([]), "it was accepted");
}

#[tokio::test]
async fn where_nobody_signs_up_an_invitation_waits_until_somebody_may() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let token = invite(&owner, ADA).await;
    decide(&owner, json!({ "mode": "closed" })).await;
    let status = tenant.anybody().get("/api/status").await.expect(200);
    assert_eq!(status["data"]["register_enabled"], false);

    for code in [None, Some(token.as_str())] {
        let refused = sign_up(&tenant, "ada", ADA, code).await;
        refused.expect_problem(403, "sign_up_closed");
    }
    let ask = json!({ "email": "bob@example.com", "purpose": "register" });
    let refused = tenant.anybody().post("/v1/email/send-verification", &ask).await;
    refused.expect_problem(403, "sign_up_closed");

    decide(&owner, json!({ "mode": "invited" })).await;
    sign_up(&tenant, "ada", ADA, Some(&token)).await.expect(200);
}

#[tokio::test]
async fn domains_are_allowed_and_blocked_in_every_form_of_them() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let ask = async |address: &str| {
        let ask = json!({ "email": address, "purpose": "register" });
        tenant.anybody().post("/v1/email/send-verification", &ask).await
    };
    decide(
        &owner,
        json!({ "mode": "open", "allowedDomains": ["Good.example", ".wide.example", "bücher.example"] }),
    )
    .await;
    for address in [
        "a@good.example",
        "b@GOOD.EXAMPLE",
        "c@wide.example",
        "d@deep.in.wide.example",
        "e@xn--bcher-kva.example",
        "f@BÜCHER.example",
    ] {
        ask(address).await.expect(200);
    }
    for address in [
        "a@evil.example",
        "a@sub.good.example",
        "a@good.example.evil.test",
        "a@evilgood.example",
        "a@evilwide.example",
        "a@bucher.example",
    ] {
        let refused = ask(address).await;
        assert_eq!(refused.status, 400, "{address}");
        refused.expect_problem(400, "email_domain_refused");
        let refused = sign_up(&tenant, "eve", address, None).await;
        refused.expect_problem(400, "email_domain_refused");
    }
    // Two domains in one address are none.
    ask("a@evil.test@good.example").await.expect_problem(400, "invalid");
    ask("a@good.example.").await.expect_problem(400, "invalid");

    decide(&owner, json!({ "mode": "open", "blockedDomains": [".wide.example"] })).await;
    let refused = ask("g@deep.wide.example").await;
    refused.expect_problem(400, "email_domain_refused");
    ask("g@good.example").await.expect(200);
    // An invited person may have any address.
    let token = invite(&owner, "guest@wide.example").await;
    let made = sign_up(&tenant, "guest", "guest@wide.example", Some(&token)).await;
    made.expect(200);
    app.work().await;
}

#[tokio::test]
async fn nobody_signs_in_before_they_have_proven_their_address_where_that_is_asked_for() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    decide(&owner, json!({ "mode": "open", "verifyBeforeSignIn": true })).await;
    sign_up(&tenant, "ada", ADA, None).await.expect(200);
    app.work().await;
    app.advance(61);
    let sign_in = |password: &str| json!({ "username": "ada", "password": password });
    let wrong = tenant.anybody().post("/v1/login", &sign_in("not the password")).await;
    wrong.expect_problem(401, "credentials_invalid");
    assert_eq!(app.work().await, 0, "a wrong password sends nothing");
    // More often than a password may be guessed, and none of it was a guess.
    for _ in 0..7 {
        let right = tenant.anybody().post("/v1/login", &sign_in(PASSWORD)).await;
        right.expect_problem(403, "email_unverified");
    }
    assert_eq!(app.work().await, 1, "the right one sends the means to sign in");

    let given = json!({ "email": ADA, "code": tenant.code_to(ADA).await });
    tenant.anybody().post("/v1/email/verify", &given).await.expect(200);
    tenant.sign_in("ada").await;
    let status = tenant.anybody().get("/api/status").await.expect(200);
    assert_eq!(status["data"]["email_verification"], true);
}

#[tokio::test]
async fn an_invitation_is_good_once_for_a_week_for_one_address_and_for_nothing_else() {
    let app = TestApp::start().await;
    let (tenant, other) = (app.default_tenant(), app.tenant("other").await);
    let owner = tenant.owner().await;
    let token = invite(&owner, ADA).await;
    let (by_address, new) = (json!({ "email": ADA, "code": token }), "a quite other staple");

    let wrong_address = sign_up(&tenant, "eve", "eve@example.com", Some(&token)).await;
    wrong_address.expect_problem(400, "code_invalid");
    let foreign = sign_up(&other, "ada", ADA, Some(&token)).await;
    foreign.expect_problem(400, "code_invalid");
    let verify = tenant.anybody().post("/v1/email/verify", &by_address).await;
    verify.expect_problem(400, "code_invalid");
    let reset = json!({ "email": ADA, "code": token, "newPassword": new });
    let reset = tenant.anybody().post("/v1/password/confirm-reset", &reset).await;
    reset.expect_problem(400, "code_invalid");
    let nested = json!({ "token": token, "password": new, "confirmPassword": new });
    tenant
        .anybody()
        .post("/api/auth/reset-password", &nested)
        .await
        .expect(400);

    app.advance(7 * DAY - 60);
    sign_up(&tenant, "ada", "ADA@example.com", Some(&token))
        .await
        .expect(200);
    sign_up(&tenant, "ada2", ADA, Some(&token))
        .await
        .expect_problem(400, "code_invalid");

    let owner = tenant.owner().await;
    let token = invite(&owner, "bob@example.com").await;
    app.advance(7 * DAY + 1);
    sign_up(&tenant, "bob", "bob@example.com", Some(&token))
        .await
        .expect_problem(400, "code_invalid");
    let open = tenant.owner().await.get(INVITATIONS).await.expect(200);
    assert_eq!(open["items"], json!([]));
}

#[tokio::test]
async fn an_invitation_that_was_withdrawn_or_followed_by_another_is_over() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let first = invite(&owner, ADA).await;
    app.advance(61);
    let second = invite(&owner, ADA).await;
    sign_up(&tenant, "ada", ADA, Some(&first))
        .await
        .expect_problem(400, "code_invalid");
    let open = owner.get(INVITATIONS).await.expect(200);
    assert_eq!(open["items"].as_array().unwrap().len(), 1);
    assert_eq!(open["items"][0]["spec"]["email"], ADA);
    let path = format!(
        "{INVITATIONS}/{}",
        open["items"][0]["metadata"]["name"].as_str().unwrap()
    );

    owner.delete(&path).await.expect(204);
    owner.delete(&path).await.expect_problem(404, "invitation_not_found");
    sign_up(&tenant, "ada", ADA, Some(&second))
        .await
        .expect_problem(400, "code_invalid");
    app.advance(61);
    let token = invite(&owner, ADA).await;
    sign_up(&tenant, "ada", ADA, Some(&token)).await.expect(200);
}

#[tokio::test]
async fn who_has_proven_an_address_is_not_invited_and_who_only_claims_it_is() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    tenant.sign_up("eve").await;
    tenant.sign_up_proven("ada").await;
    let owner = tenant.owner().await;
    let invited = json!({ "spec": { "email": "ADA@EXAMPLE.COM" } });
    owner
        .post(INVITATIONS, &invited)
        .await
        .expect_problem(409, "email_taken");
    let token = invite(&owner, "eve@example.com").await;
    let made = sign_up(&tenant, "the-real-eve", "eve@example.com", Some(&token)).await;
    assert_eq!(made.expect(200)["emailVerified"], true);
    assert_eq!(
        tenant.sign_in("eve@example.com").await.tokens["user"]["username"],
        "the-real-eve"
    );
}

#[tokio::test]
async fn an_invitation_that_came_too_late_makes_nobody_and_stays_open() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let token = invite(&owner, ADA).await;
    tenant.sign_up_proven("ada").await;
    sign_up(&tenant, "twin", ADA, Some(&token))
        .await
        .expect_problem(409, "email_taken");
    let users = owner.get("/apis/console/v1alpha1/users").await.expect(200);
    assert_eq!(users["total"], 2);
}

#[tokio::test]
async fn plain_users_invite_nobody_and_see_no_invitations() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let ada = tenant.sign_up("ada").await;
    app.work().await;
    let invited = json!({ "spec": { "email": "bob@example.com" } });
    ada.post(INVITATIONS, &invited).await.expect_problem(403, "forbidden");
    ada.get(INVITATIONS).await.expect_problem(403, "forbidden");
    let owner = tenant.owner().await;
    owner.post(INVITATIONS, &invited).await.expect(200);
    app.work().await;
}

#[tokio::test]
async fn every_open_invitation_is_listed_page_by_page_and_can_be_withdrawn() {
    let mut app = TestApp::start().await;
    app.abandon_jobs();
    let owner = app.default_tenant().owner().await;
    for number in 0..7 {
        invite(&owner, &format!("guest-{number}@example.com")).await;
        app.advance(1);
    }
    for (sort, first) in [("desc", "guest-6@example.com"), ("asc", "guest-0@example.com")] {
        let list = format!("{INVITATIONS}?size=3&sort=metadata.creationTimestamp,{sort}");
        let (mut all, mut path) = (vec![], list.clone());
        loop {
            let page = owner.get(&path).await.expect(200);
            assert_eq!(page["total"], 7);
            all.extend(
                page["items"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|item| item["spec"]["email"].clone()),
            );
            assert_eq!(page["hasNext"], page["nextCursor"].is_string());
            let Some(next) = page["nextCursor"].as_str() else { break };
            path = format!("{list}&cursor={next}");
        }
        assert_eq!((all.len(), &all[0]), (7, &json!(first)));
        all.sort_unstable_by_key(ToString::to_string);
        all.dedup();
        assert_eq!(all.len(), 7, "each once");
        let third = owner.get(&format!("{list}&page=3")).await.expect(200);
        assert_eq!(third["items"].as_array().unwrap().len(), 1);
    }
    let found = owner
        .get(&format!("{INVITATIONS}?fieldSelector=spec.email=GUEST-3@example.com"))
        .await;
    let found = found.expect(200);
    assert_eq!(found["total"], 1);
    let name = found["items"][0]["metadata"]["name"].as_str().unwrap();
    owner.delete(&format!("{INVITATIONS}/{name}")).await.expect(204);
    assert_eq!(owner.get(INVITATIONS).await.expect(200)["total"], 6);
    let other = owner.get(&format!("{INVITATIONS}?cursor=WyJ1c2VycyIsMV0")).await;
    assert_eq!(other.expect_problem(400, "invalid")["errors"][0]["field"], "cursor");
}

#[tokio::test]
async fn an_address_is_invited_so_often() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let invited = json!({ "spec": { "email": ADA } });
    owner.post(INVITATIONS, &invited).await.expect(200);
    let again = owner.post(INVITATIONS, &invited).await;
    again.expect_problem(429, "too_many_codes");
    for _ in 0..4 {
        app.advance(61);
        owner.post(INVITATIONS, &invited).await.expect(200);
    }
    app.advance(61);
    let again = owner.post(INVITATIONS, &invited).await;
    again.expect_problem(429, "too_many_codes");
    let other = json!({ "spec": { "email": "bob@example.com" } });
    owner.post(INVITATIONS, &other).await.expect(200);
    app.work().await;
}

#[tokio::test]
async fn who_is_invited_to_a_role_has_it_and_only_those_who_may_give_it_invite_to_it() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let ask = |roles: &[&str]| json!({ "spec": { "email": ADA, "roles": roles } });
    let manager = make_person(&owner, "mia", "user-manager").await;
    let refused = manager.post(INVITATIONS, &ask(&["owner"])).await;
    refused.expect_problem(403, "escalation");
    let unknown = owner.post(INVITATIONS, &ask(&["king"])).await;
    unknown.expect_problem(400, "role_unknown");
    let made = manager.post(INVITATIONS, &ask(&["support"])).await.expect(200);
    assert_eq!(made["spec"]["roles"], json!(["support"]));
    let open = owner.get(INVITATIONS).await.expect(200);
    assert_eq!(open["items"][0]["spec"]["roles"], json!(["support"]));
    let token = tenant.mail_to(ADA).await[0].token();
    sign_up(&tenant, "ada", ADA, Some(&token)).await.expect(200);
    assert_eq!(roles_of(&owner, "ada").await, ["support"]);
}

#[tokio::test]
async fn a_role_that_is_gone_by_then_is_not_given() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    make_role(&owner, "clerk", "", &[]).await;
    let ask = json!({ "spec": { "email": ADA, "roles": ["clerk", "auditor"] } });
    owner.post(INVITATIONS, &ask).await.expect(200);
    let token = tenant.mail_to(ADA).await[0].token();
    owner.delete("/apis/console/v1alpha1/roles/clerk").await.expect(204);
    sign_up(&tenant, "ada", ADA, Some(&token)).await.expect(200);
    assert_eq!(roles_of(&owner, "ada").await, ["auditor"]);
}
