//! No secret is in the database, whatever was done.

use crate::account::address::change;
use crate::support::{
    PASSWORD, Person, TestApp,
    siteverify::{SECRET, SITE_KEY},
};
use serde_json::{Value, json};

const CONSOLE: &str = "/apis/console/v1alpha1";
const WRONG: &str = "a wrong password that was tried";

/// Every secret that was used, by what it is.
#[derive(Default)]
struct Secrets(Vec<(&'static str, String)>);

impl Secrets {
    fn keep(&mut self, what: &'static str, secret: impl Into<String>) {
        self.0.push((what, secret.into()));
    }

    fn keep_tokens(&mut self, tokens: &Value) {
        for (what, name) in [("access token", "accessToken"), ("refresh token", "refreshToken")] {
            self.keep(what, tokens[name].as_str().unwrap());
        }
    }

    /// Keeps what the newest mail to this address carries, and returns the code if there is one.
    async fn keep_mail(&mut self, of: &Person<'_>, address: &str, has_code: bool) -> String {
        let mail = of.tenant.mail_to(address).await.swap_remove(0);
        self.keep("link", mail.token());
        if !has_code {
            return mail.token();
        }
        self.keep("code", mail.code());
        mail.code()
    }
}

/// Keeps the secrets that the tenant's own settings have.
async fn keep_settings(owner: &Person<'_>, secrets: &mut Secrets) {
    let captcha = json!({
        "provider": "turnstile", "siteKey": SITE_KEY, "secret": SECRET,
    });
    let policy = format!("{CONSOLE}/policies/captcha");
    owner.put(&policy, &json!({ "spec": captcha })).await.expect(200);
    secrets.keep("captcha secret", SECRET);

    let mut sender = crate::support::smtp::sender_at("main", 587);
    for (field, value) in [
        ("enabled", json!(false)),
        ("encryption", json!("starttls")),
        ("username", json!("mailer")),
        ("password", json!("what the relay is told")),
    ] {
        sender["spec"][field] = value;
    }
    owner.post(&format!("{CONSOLE}/senders"), &sender).await.expect(200);
    secrets.keep("sender password", "what the relay is told");
}

async fn exercise(app: &TestApp, secrets: &mut Secrets) {
    let tenant = app.default_tenant();
    let (anybody, owner) = (tenant.anybody(), tenant.owner().await);
    secrets.keep("password", PASSWORD);
    secrets.keep_tokens(&owner.tokens);

    keep_settings(&owner, secrets).await;

    // Somebody signs up with a code, and tries what is wrong.
    let ask = json!({ "email": "ada@example.com", "purpose": "register" });
    anybody.post("/v1/email/send-verification", &ask).await.expect(200);
    let code = secrets.keep_mail(&owner, "ada@example.com", true).await;
    let new = json!({ "username": "ada", "email": "ada@example.com", "password": PASSWORD, "code": code });
    anybody.post("/v1/register", &new).await.expect(200);
    let wrong = json!({ "username": "ada", "password": WRONG });
    anybody
        .post("/v1/login", &wrong)
        .await
        .expect_problem(401, "credentials_invalid");
    secrets.keep("wrong password", WRONG);
    let ada = tenant.sign_in("ada").await;
    secrets.keep_tokens(&ada.tokens);
    let renew = json!({ "refreshToken": ada.tokens["refreshToken"] });
    secrets.keep_tokens(&anybody.post("/v1/refresh", &renew).await.expect(200));
    let given = json!({ "username": "ada", "password": PASSWORD });
    let browser = anybody.post(&format!("{CONSOLE}/sessions"), &given).await;
    let cookie = browser.header("set-cookie").split([';', '=']).nth(1).unwrap();
    secrets.keep("cookie", cookie);

    // She moves to another address, and the link that takes it back is mailed.
    let told = change(&ada, "ada@example.com", "next@example.com").await;
    secrets.keep("undo link", told.token());
    secrets.keep_mail(&owner, "next@example.com", true).await;

    // She forgets her password twice, and one is made for her.
    let reset = "the password after a reset";
    for (number, path) in ["/v1/password/confirm-reset", "/api/user/reset"].iter().enumerate() {
        app.advance(61);
        let ask = json!({ "email": "next@example.com" });
        anybody.post("/v1/password/reset", &ask).await.expect(200);
        let code = secrets.keep_mail(&owner, "next@example.com", true).await;
        let given = json!({ "email": "next@example.com", "code": code, "token": code, "newPassword": reset });
        let body = anybody.post(path, &given).await.expect(200);
        match number {
            0 => secrets.keep("password of a reset", reset),
            _ => secrets.keep("password that was made", body["data"].as_str().unwrap()),
        }
    }

    // Somebody is invited and somebody is given a password.
    let invited = json!({ "spec": { "email": "guest@example.com" } });
    owner
        .post(&format!("{CONSOLE}/invitations"), &invited)
        .await
        .expect(200);
    secrets.keep_mail(&owner, "guest@example.com", false).await;
    let given = json!({ "password": "a password that was given" });
    owner
        .put(&format!("{CONSOLE}/users/ada/password"), &given)
        .await
        .expect(200);
    secrets.keep("password of an owner", "a password that was given");
    app.work().await;
}

#[tokio::test]
async fn no_secret_of_anybody_is_in_the_database() {
    let app = TestApp::start().await;
    let mut secrets = Secrets::default();
    exercise(&app, &mut secrets).await;

    let dump = app.dump().await;
    for public in ["next@example.com", "guest@example.com", SITE_KEY] {
        assert!(dump.contains(public), "the control: {public} is found");
    }
    assert!(secrets.0.len() > 20);
    for (what, secret) in &secrets.0 {
        let is_there = match *what {
            // Six digits may be part of a number that has nothing to do with them.
            "code" => dump
                .split(|c: char| !c.is_alphanumeric() && !"-_ .:+".contains(c))
                .any(|word| word == secret),
            _ => dump.contains(secret.as_str()),
        };
        assert!(!is_there, "a {what} is in the database: {secret}");
    }
}
