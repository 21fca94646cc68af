//! One's own account: `users/-` of the console and `users/me` of `auth/v1`.

mod account;
mod changes;
mod sessions;
mod tenant;

use crate::support::{
    PASSWORD, Person, TestApp,
    roles::{USERS, patch},
    wrong,
};
use serde_json::{Value, json};

const ME: &str = "/auth/v1/users/me";
const CONSOLE: &str = "/apis/console/v1alpha1/users/-";

/// A profile with all that there is in one.
pub(crate) fn profile() -> Value {
    json!({
        "firstName": "Ada", "lastName": "Lovelace", "nickName": "Countess", "displayName": "Ada Lovelace",
        "preferredLanguage": "en-GB", "gender": "GENDER_FEMALE",
    })
}

/// Gives a user an annotation.
pub(crate) async fn annotate(by: &Person<'_>, user: &str, key: &str, value: &str) {
    let change = json!({ "metadata": { "annotations": { key: value } } });
    patch(by, &format!("{USERS}/{user}"), &change).await.expect(200);
}

#[tokio::test]
async fn an_address_is_proven_in_the_wire_format_of_auth_v1() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let ada = tenant.sign_up("ada").await;
    let before = ada.get(&format!("{ME}/email")).await.expect(200);
    assert_eq!(
        before["email"],
        json!({ "email": "ada@example.com", "isEmailVerified": false })
    );

    let given = json!({ "code": tenant.code_to("ada@example.com").await });
    let written = ada.post(&format!("{ME}/email/_verify"), &given).await.expect(200);

    let sequence = |answer: &Value| answer["details"]["sequence"].as_str().unwrap().parse::<u64>().unwrap();
    assert!(sequence(&written) > sequence(&before));
    assert!(
        written["details"]["resourceOwner"]
            .as_str()
            .unwrap()
            .starts_with("ten_")
    );
    assert!(written["details"]["changeDate"].as_str() > written["details"]["creationDate"].as_str());
    let after = ada.get(&format!("{ME}/email")).await.expect(200);
    assert_eq!(after["email"]["isEmailVerified"], true);
    let user = ada.get(ME).await.expect(200);
    assert_eq!(user["user"]["state"], "USER_STATE_ACTIVE");
    assert_eq!(user["user"]["loginNames"], json!(["ada", "ada@example.com"]));

    let again = ada
        .post(&format!("{ME}/email/_verify"), &given)
        .await
        .expect_problem(404, "email_not_pending");
    assert_eq!(again["code"], 5);
    let resend = ada.post(&format!("{ME}/email/_resend_verification"), &json!({})).await;
    assert_eq!(resend.expect_problem(400, "email_already_verified")["code"], 9);
}

#[tokio::test]
async fn a_wrong_code_is_refused_in_the_wire_format_of_auth_v1() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let ada = tenant.sign_up("ada").await;
    let code = tenant.code_to("ada@example.com").await;

    let refused = ada
        .post(&format!("{ME}/email/_verify"), &json!({ "code": wrong(&code) }))
        .await;

    let body = refused.expect_problem(400, "code_invalid");
    assert_eq!(body["code"], 3);
    assert_eq!(
        body["details"][0]["@type"],
        "type.googleapis.com/zitadel.v1.ErrorDetail"
    );
    for bad in [json!({}), json!({ "code": "" }), json!({ "code": "x".repeat(201) })] {
        let body = ada
            .post(&format!("{ME}/email/_verify"), &bad)
            .await
            .expect_problem(400, "invalid");
        assert!(body["message"].as_str().unwrap().starts_with("code "), "{body}");
    }
    let nobody = tenant.anybody().post(&format!("{ME}/email/_verify"), &json!({})).await;
    assert_eq!(nobody.header("www-authenticate"), "Bearer");
    assert_eq!(nobody.expect_problem(401, "unauthenticated")["code"], 16);
}

#[tokio::test]
async fn a_new_address_takes_the_place_of_the_old_one_only_when_proven() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let ada = tenant.sign_up("ada").await;
    let given = json!({ "code": tenant.code_to("ada@example.com").await });
    ada.post(&format!("{ME}/email/_verify"), &given).await.expect(200);

    let same = json!({ "email": "ADA@example.com" });
    let body = ada
        .put(&format!("{ME}/email"), &same)
        .await
        .expect_problem(400, "email_not_changed");
    assert_eq!(body["code"], 9);
    ada.put(&format!("{ME}/email"), &json!({ "email": "new@example.com" }))
        .await
        .expect(200);
    let pending = ada.get(&format!("{ME}/email")).await.expect(200);
    let expected = json!({ "email": "ada@example.com", "isEmailVerified": true, "pendingEmail": "new@example.com" });
    assert_eq!(pending["email"], expected);
    assert_eq!(
        tenant.sign_in("ada@example.com").await.tokens["user"]["username"],
        "ada"
    );

    app.advance(61);
    ada.post(&format!("{ME}/email/_resend_verification"), &json!({}))
        .await
        .expect(200);
    let given = json!({ "code": tenant.code_to("new@example.com").await });
    ada.post(&format!("{ME}/email/_verify"), &given).await.expect(200);

    let done = ada.get(&format!("{ME}/email")).await.expect(200);
    assert_eq!(
        done["email"],
        json!({ "email": "new@example.com", "isEmailVerified": true })
    );
    let old = json!({ "username": "ada@example.com", "password": PASSWORD });
    tenant
        .anybody()
        .post("/v1/login", &old)
        .await
        .expect_problem(401, "credentials_invalid");
    let found = tenant
        .owner()
        .await
        .get("/apis/console/v1alpha1/users?keyword=new@")
        .await
        .expect(200);
    assert_eq!(found["total"], 1, "the list finds the new address");
    assert_eq!(
        tenant.mail_to("ada@example.com").await.len(),
        2,
        "the code at first, and that it was changed"
    );
}

#[tokio::test]
async fn an_address_is_proven_in_the_wire_format_of_the_console_with_the_password() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let ada = tenant.sign_up("ada").await;
    app.work().await;
    app.advance(61);

    let to = json!({ "email": "Ada@example.com" });
    ada.post(&format!("{CONSOLE}/send-email-verification-code"), &to)
        .await
        .expect(200);
    let code = tenant.code_to("Ada@example.com").await;
    let verify = format!("{CONSOLE}/verify-email");
    let without = json!({ "password": "not the password", "code": code });
    ada.post(&verify, &without).await.expect_problem(400, "password_wrong");
    ada.post(&verify, &json!({ "password": PASSWORD, "code": code }))
        .await
        .expect(200);

    let me = ada.get(CONSOLE).await.expect(200);
    assert_eq!(me["user"]["spec"]["emailVerified"], true);
    let to = json!({ "email": "ada@example.com" });
    let again = ada.post(&format!("{CONSOLE}/send-email-verification-code"), &to).await;
    again.expect_problem(400, "email_already_verified");
}

#[tokio::test]
async fn only_one_of_two_who_claim_an_address_can_prove_it() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let (ada, eve) = (tenant.sign_up("ada").await, tenant.sign_up("eve").await);
    app.work().await;
    ada.put(&format!("{ME}/email"), &json!({ "email": "prize@example.com" }))
        .await
        .expect(200);
    let code_of_ada = tenant.code_to("prize@example.com").await;
    app.advance(61);
    eve.put(&format!("{ME}/email"), &json!({ "email": "prize@example.com" }))
        .await
        .expect(200);
    let code_of_eve = tenant.code_to("prize@example.com").await;

    let path = format!("{ME}/email/_verify");
    let (given_by_ada, given_by_eve) = (json!({ "code": code_of_ada }), json!({ "code": code_of_eve }));
    let answers = futures_util::join!(ada.post(&path, &given_by_ada), eve.post(&path, &given_by_eve));

    let mut statuses = [answers.0.status.as_u16(), answers.1.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
}

#[tokio::test]
async fn people_see_their_own_permissions() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let ada = tenant.sign_up("ada").await;
    app.work().await;

    let of = async |who: &Person<'_>| {
        let answer = who.get(&format!("{CONSOLE}/permissions")).await.expect(200);
        serde_json::from_value::<Vec<String>>(answer["uiPermissions"].clone()).unwrap()
    };
    let of_ada = of(&ada).await;
    assert!(of_ada.contains(&"users/email:verify@self".to_owned()) && !of_ada.contains(&"users:list".to_owned()));
    let of_owner = of(&tenant.owner().await).await;
    assert!(of_owner.contains(&"users:list".to_owned()) && of_owner.contains(&"messages:get".to_owned()));
}
