//! What is asked of a password is said before one is typed.

use super::{link_to, set_policy};
use crate::support::{PASSWORD, TestApp, browser::plain};
use serde_json::json;

#[tokio::test]
async fn the_rules_of_the_tenant_are_below_the_field_in_both_languages() {
    let app = TestApp::start().await;
    let tenant = app.tenant("acme").await;
    let browser = tenant.browser();
    let shown = async |path: &str| plain(&browser.open(path).await.expect(200, "").reply.text);
    let text = shown("/login/sign-up").await;
    let field = text.find("<input id=\"password\"").expect("a field");
    let rules = text.find("<ul class=\"rules\" id=\"password-rules\"").expect("rules");
    assert!(field < rules, "{text}");
    assert!(text.contains("password-hint password-rules"), "{text}");
    assert!(text.contains("<li data-rule=\"too_short\" data-number=\"15\">Use at least 15 characters.</li>"));
    assert!(text.contains("<li data-rule=\"too_common\">Use none of the passwords that attackers try first.</li>"));
    assert!(!text.contains("needs_digit") && !text.contains("too_long"), "{text}");

    let classes = json!({ "preset": "legacy-classes" });
    set_policy(&tenant.owner().await, "password", &classes).await;
    let text = shown("/login/reset").await;
    assert!(
        text.contains("data-number=\"8\">Use at least 8 characters.</li>"),
        "{text}"
    );
    for rule in ["needs_lower", "needs_upper", "needs_digit", "needs_special"] {
        assert!(text.contains(&format!("<li data-rule=\"{rule}\">")), "{rule}: {text}");
    }
    let text = shown("/login/reset?lang=zh").await;
    assert!(
        text.contains("<li data-rule=\"needs_digit\">请包含一个数字。</li>"),
        "{text}"
    );
    assert!(text.contains("data-met=\"已满足\""), "{text}");

    let mut none = json!({ "preset": "custom", "maxLength": 64, "minEstimatorScore": 0 });
    none["blocklist"] = json!({ "common": false, "contextWords": false });
    set_policy(&tenant.owner().await, "password", &none).await;
    let text = shown("/login/sign-up").await;
    assert!(
        text.contains("data-number=\"64\">Use at most 64 characters.</li>"),
        "{text}"
    );
    for rule in ["too_common", "context_word", "too_guessable"] {
        assert!(!text.contains(rule), "{rule}: {text}");
    }
}

#[tokio::test]
async fn every_page_on_which_a_password_is_chosen_has_the_rules_and_their_script() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    tenant.sign_up_proven("ada").await;
    let browser = tenant.browser();
    let mailed = browser.fill("/login/forgot", &[("email", "ada@example.com")]).await;
    let linked = browser.open(&link_to(&tenant, "ada@example.com").await).await;
    browser.sign_in("ada", PASSWORD).await.leads();
    let own = browser.open("/login/password").await;
    for page in [mailed, linked, own] {
        let text = plain(&page.expect(200, "").reply.text);
        assert!(text.contains("id=\"new_password-rules\""), "{text}");
        let script = text.split("<script src=\"").nth(1).expect("a script");
        let script = script.split('"').next().unwrap();
        let file = browser.open(script).await.expect(200, "too_short");
        assert_eq!(file.reply.header("content-type"), "text/javascript; charset=utf-8");
        assert!(file.reply.header("cache-control").contains("immutable"));
    }
    browser.open("/login/password-00000000.js").await.expect(404, "");
    let page = browser.open("/login?again=1").await.expect(200, "current-password");
    assert!(!page.reply.text.contains("<script"), "{}", page.reply.text);
}
