//! The language and the time zone of a tenant, where nothing else says them.

use super::GROUPS;
use crate::support::{
    Person, TestApp,
    roles::{patch, wrong_fields},
};
use serde_json::{Value, json};

async fn decide(owner: &Person<'_>, new: Value) {
    patch(owner, &format!("{GROUPS}/basic"), &new).await.expect(200);
}

#[tokio::test]
async fn pages_are_in_the_language_of_the_tenant_where_the_browser_names_none_of_ours() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    decide(&tenant.owner().await, json!({ "language": "zh" })).await;
    let mut browser = tenant.browser();
    let page = browser.open("/login").await.expect(200, "<html lang=\"zh\">");
    assert_eq!(page.reply.header("content-language"), "zh");
    assert!(page.reply.text.contains("hreflang=\"en\""), "the way to the other one");
    browser.open("/login?lang=en").await.expect(200, "<html lang=\"en\">");
    browser.open("/login?lang=fr").await.expect(200, "<html lang=\"zh\">");
    // What went wrong is said in it, too.
    browser.open("/login/nowhere").await.expect(404, "此地址没有页面。");
    let page = browser.open("/login").await;
    let missed = browser
        .submit(&page, &[("username", "admin"), ("password", "wrong")])
        .await;
    missed.expect(401, "用户名或密码错误。");
    for (wanted, language) in [("fr, de;q=0.5", "zh"), ("fr, en;q=0.5", "en")] {
        browser.headers.insert("accept-language", wanted.parse().unwrap());
        let html = format!("<html lang=\"{language}\">");
        browser.open("/login").await.expect(200, &html);
    }
}

#[tokio::test]
async fn mails_are_in_the_language_of_the_tenant_where_nobody_names_another() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    decide(&tenant.owner().await, json!({ "language": "zh" })).await;
    let anybody = tenant.anybody();
    for (ask, said) in [
        (json!({ "email": "ada@example.com", "purpose": "register" }), "验证码"),
        (
            json!({ "email": "bob@example.com", "purpose": "register", "language": "en" }),
            "code",
        ),
    ] {
        anybody.post("/v1/email/send-verification", &ask).await.expect(200);
        let mail = tenant.mail_to(ask["email"].as_str().unwrap()).await.swap_remove(0);
        assert!(mail.text().contains(said), "{}", mail.text());
    }
}

#[tokio::test]
async fn mails_tell_the_time_of_the_zone_of_the_tenant() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let preview = "/apis/console/v1alpha1/message-templates/identity_linked/en/preview";
    let hours = chrono::TimeDelta::hours;
    for (zone, shift, mark) in [
        (json!(null), hours(0), "UTC"),
        (json!("Asia/Shanghai"), hours(8), "UTC+08:00"),
        (json!("Etc/GMT+3"), hours(-3), "UTC-03:00"),
    ] {
        decide(&owner, json!({ "timeZone": zone })).await;
        let shown = owner.post(preview, &json!({})).await.expect(200);
        let text = shown["text"].as_str().unwrap();
        let there = app.clock.now() + shift;
        let day = there.format("This was done on %Y-%m-%d").to_string();
        assert!(
            text.contains(&day) && text.contains(&format!(" {mark} from ")),
            "{zone}: {text}"
        );
    }
}

#[tokio::test]
async fn a_language_or_a_time_zone_that_there_is_not_is_refused() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let basic = format!("{GROUPS}/basic");
    for (member, value) in [("language", "fr"), ("timeZone", "Mars/Olympus"), ("timeZone", "+08:00")] {
        let reply = patch(&owner, &basic, &json!({ member: value })).await;
        assert_eq!(wrong_fields(reply), [member]);
    }
    decide(&owner, json!({ "language": "zh", "timeZone": "Europe/Berlin" })).await;
    let policy = owner.get(&super::policy("branding")).await.expect(200);
    assert_eq!(
        (&policy["spec"]["language"], &policy["spec"]["timeZone"]),
        (&json!("zh"), &json!("Europe/Berlin"))
    );
}
