//! Templates of messages: what a tenant writes, what is shown of it and what is delivered.

use crate::support::{
    Person, Reply, TestApp,
    roles::{CONSOLE, make_person, make_role},
    smtp::Sink,
};
use reqwest::Method;
use serde_json::{Value, json};

const VERIFY: &str = "/apis/console/v1alpha1/message-templates/verify_email";

fn spec(subject: &str, text: &str, html: &str) -> Value {
    json!({ "spec": { "subject": subject, "text": text, "html": html } })
}

/// One in Chinese, with all that a template may do.
fn chinese() -> Value {
    spec(
        "{{ tenant|upper }}：您的验证码",
        "{% if account %}{{ account }}，您好！{% else %}您好！{% endif %}\n验证码：{{ code }}（{{ minutes }} 分钟内有效）\n{{ link }}\n",
        "<p style=\"color:{{ color }}\">{{ account|default('您') }}，验证码：<b>{{ code }}</b></p>\n<p><a href=\"{{ link }}\">继续</a></p>\n",
    )
}

async fn put(owner: &Person<'_>, language: &str, new: &Value) -> Reply {
    owner.put(&format!("{VERIFY}/{language}"), new).await
}

/// Asks for a code in this language.
async fn ask(app: &TestApp, address: &str, language: &str) {
    let ask = json!({ "email": address, "purpose": "register", "language": language });
    let send = "/v1/email/send-verification";
    app.default_tenant().anybody().post(send, &ask).await.expect(200);
    app.work().await;
}

/// The message as a preview shows it, with the code and the link of a delivered one.
async fn previewed(owner: &Person<'_>, language: &str, (address, text): (&str, &str)) -> Value {
    let mut words = text.split(|c: char| !c.is_ascii_digit());
    let code = words.find(|word| word.len() == 6).expect("a code in the text");
    let link = text.split_whitespace().find(|word| word.contains("/login/")).unwrap();
    let asked = json!({ "variables": { "code": code, "link": link, "address": address, "account": "" } });
    let preview = format!("{VERIFY}/{language}/preview");
    owner.post(&preview, &asked).await.expect(200)
}

#[tokio::test]
async fn what_is_delivered_is_what_the_preview_showed() {
    let mut sink = Sink::start(0, &[]);
    let url = sink.url();
    let app = TestApp::start_with(|config| config.smtp_url = Some(url)).await;
    let owner = app.default_tenant().owner().await;
    for (number, (language, own)) in [("en", None), ("zh", None), ("zh", Some(chinese()))]
        .into_iter()
        .enumerate()
    {
        if let Some(own) = &own {
            put(&owner, language, own).await.expect(200);
        }
        let address = format!("new-{number}@example.com");
        ask(&app, &address, language).await;
        let mail = sink.next();
        let plain = |part: &str| mail[part].as_str().unwrap().replace("\r\n", "\n");
        let text = plain("text");
        let shown = previewed(&owner, language, (address.as_str(), text.as_str())).await;
        assert_eq!(shown["problems"], json!([]), "{shown}");
        assert_eq!(mail["headers"]["Subject"], shown["subject"]);
        for part in ["text", "html"] {
            assert_eq!(
                plain(part).trim_end(),
                shown[part].as_str().unwrap().trim_end(),
                "{language} {part}"
            );
        }
        assert_eq!(own.is_some(), plain("text").starts_with("您好！\n"));
    }
}

#[tokio::test]
async fn a_template_of_the_tenants_own_is_kept_by_its_version_and_reset() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let path = format!("{VERIFY}/zh");
    let before = owner.get(&path).await.expect(200);
    assert_eq!(before["status"]["isDefault"], true);
    assert_eq!(before["metadata"]["version"], 0);
    assert_eq!(before["spec"], before["status"]["default"]);
    assert!(
        before["spec"]["html"]
            .as_str()
            .unwrap()
            .contains("<html lang=\"{{ language }}\">")
    );

    let written = put(&owner, "zh", &chinese()).await.expect(200);
    assert_eq!(written["status"]["isDefault"], false);
    assert_eq!(written["metadata"]["version"], 1);
    assert_eq!(written["status"]["outdated"], false);
    let again = put(&owner, "zh", &chinese()).await.expect(200);
    assert_eq!(again["metadata"]["version"], 1, "what changes nothing makes no version");
    let mut late = chinese();
    late["metadata"] = json!({ "version": 0 });
    late["spec"]["subject"] = "x".into();
    put(&owner, "zh", &late).await.expect_problem(409, "version_conflict");
    let tagged = owner
        .request(Method::PUT, &path)
        .header("if-match", "\"7\"")
        .json(&late);
    owner.send(tagged).await.expect_problem(412, "precondition_failed");

    ask(&app, "new@example.com", "zh").await;
    let mail = owner.inbox("new@example.com").await.remove(0);
    assert!(mail.text().starts_with("您好！\n验证码：") && mail.subject().ends_with("：您的验证码"));
    ask(&app, "other@example.com", "en").await;
    let english = owner.inbox("other@example.com").await.remove(0);
    assert!(
        english.text().starts_with("Your code"),
        "the other language is as it was"
    );

    assert_eq!(owner.delete(&path).await.status, 204);
    assert_eq!(owner.delete(&path).await.status, 204, "twice is as good as once");
    assert_eq!(owner.get(&path).await.expect(200), before);
    app.advance(3600);
    ask(&app, "third@example.com", "zh").await;
    let owner = app.default_tenant().owner().await;
    let mail = owner.inbox("third@example.com").await.remove(0);
    assert!(mail.text().starts_with("您在"), "{}", mail.text());
}

#[tokio::test]
async fn what_is_wrong_is_told_by_field_rule_line_and_column() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let wrong = spec(
        "Hello",
        "{{ code }}\n  {% include 'x' %}",
        "<p>{{ code }}</p>\n{{ password }}",
    );
    let told = put(&owner, "en", &wrong).await.expect_problem(400, "invalid");
    let errors = told["errors"].as_array().unwrap();
    let short: Vec<_> = errors
        .iter()
        .map(|e| json!([e["field"], e["code"], e["line"], e["column"]]))
        .collect();
    assert_eq!(
        short,
        [
            json!(["spec.text", "template_statement_refused", 2, 3]),
            json!(["spec.html", "unknown_variable", 2, 4]),
        ]
    );
    let known = "tenant, color, ink, address, language, account, code, link, minutes";
    assert!(errors[1]["detail"].as_str().unwrap().contains(known), "{told}");
    let html = "<p>{{ code }}</p>\n <script>";
    let told = put(&owner, "en", &spec("a", "{{ code }}", html))
        .await
        .expect_problem(400, "invalid");
    assert_eq!(told["errors"][0]["code"], "markup_refused");
    assert_eq!(
        (&told["errors"][0]["line"], &told["errors"][0]["column"]),
        (&json!(2), &json!(2))
    );
    // The same in a preview, which shows what can be shown.
    let draft = json!({ "html": html });
    let shown = owner.post(&format!("{VERIFY}/en/preview"), &draft).await.expect(200);
    assert_eq!(shown["problems"][0]["code"], "markup_refused");
    assert_eq!(shown["problems"][0]["line"], 2);
    assert!(shown["html"].as_str().unwrap().contains("123456"));
    let draft = json!({ "html": "{% set a = 1 %}" });
    let shown = owner.post(&format!("{VERIFY}/en/preview"), &draft).await.expect(200);
    assert_eq!(shown["html"], Value::Null, "what cannot be read makes nothing");
    let unknown = json!({ "variables": { "days": "1" } });
    owner
        .post(&format!("{VERIFY}/en/preview"), &unknown)
        .await
        .expect_problem(400, "invalid");
    let absent = owner.get(&format!("{VERIFY}/fr")).await;
    assert_eq!(absent.status, 400);
}

#[tokio::test]
async fn a_code_is_in_the_subject_only_where_the_tenant_says_so() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let open = spec("{{ code }} is your code", "{{ code }}", "<p>{{ code }}</p>");
    let told = put(&owner, "en", &open).await.expect_problem(400, "invalid");
    assert_eq!(told["errors"][0]["code"], "variable_in_unsafe_place");
    let policy = json!({ "spec": { "useInstanceSender": true, "codeInSubject": true } });
    owner
        .put(&format!("{CONSOLE}/policies/mail"), &policy)
        .await
        .expect(200);
    put(&owner, "en", &open).await.expect(200);
    ask(&app, "new@example.com", "en").await;
    let mail = owner.inbox("new@example.com").await.remove(0);
    assert_eq!(mail.subject(), format!("{} is your code", mail.code()));
}

#[tokio::test]
async fn a_template_that_fails_does_not_stop_mail() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    put(&owner, "en", &chinese()).await.expect(200);
    let summary = async || {
        let list = owner.get(&format!("{CONSOLE}/message-templates")).await.expect(200);
        list["items"][0]["languages"][0].clone()
    };
    assert_eq!(summary().await["broken"], false);
    // As another version of the program may have taken it.
    let broken = "update message_template set text = '{{ code }}{{ password }}', based_on = 'before'";
    app.execute(broken).await;
    let found = summary().await;
    assert_eq!((&found["broken"], &found["outdated"]), (&json!(true), &json!(true)));
    ask(&app, "new@example.com", "en").await;
    let mail = owner.inbox("new@example.com").await.remove(0);
    assert!(
        mail.text().starts_with("Your code"),
        "the one that comes with the program: {}",
        mail.text()
    );
}

#[tokio::test]
async fn a_test_message_is_delivered_as_any_other_and_says_so() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let test = format!("{VERIFY}/zh/test");
    put(&owner, "zh", &chinese()).await.expect(200);
    let to = json!({ "to": "grace@example.com" });
    let sent = owner.post(&test, &to).await.expect(200);
    app.work().await;
    let mail = owner.inbox("grace@example.com").await.remove(0);
    assert_eq!(mail.0["metadata"]["name"], sent["message"]);
    assert!(mail.subject().starts_with("[Test] "), "{}", mail.subject());
    assert!(mail.text().contains("ada，您好！\n验证码：123456"), "{}", mail.text());
    let page = mail
        .text()
        .split_whitespace()
        .find(|word| word.ends_with("/login/test"))
        .unwrap();
    let path = &page[page.find("/login/").unwrap()..];
    let shown = tenant.anybody().get(path).await;
    assert!(
        shown.status.is_success() && shown.text.contains("This was a test"),
        "{}",
        shown.text
    );
    let spent = json!({ "email": "grace@example.com", "code": "123456", "purpose": "register" });
    assert_ne!(
        tenant.anybody().post("/v1/email/verify", &spent).await.status,
        200,
        "it is no code"
    );

    // To others only by who may change templates.
    let rule = json!({ "resources": ["message-templates"], "verbs": ["test"] });
    make_role(&owner, "tester", "", &[rule]).await;
    let tess = make_person(&owner, "tess", "tester").await;
    tess.post(&test, &to).await.expect_problem(403, "forbidden");
    tess.post(&test, &json!({}))
        .await
        .expect_problem(400, "caller_has_no_address");
    for _ in 0..4 {
        owner.post(&test, &to).await.expect(200);
    }
    owner.post(&test, &to).await.expect_problem(429, "too_many_attempts");
    app.work().await;
}

#[tokio::test]
async fn a_mail_manager_writes_templates_and_an_auditor_does_not_see_them() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let mia = make_person(&owner, "mia", "mail-manager").await;
    let otto = make_person(&owner, "otto", "auditor").await;
    put(&mia, "zh", &chinese()).await.expect(200);
    otto.get(&format!("{VERIFY}/zh")).await.expect_problem(403, "forbidden");
    let events = owner.get(&format!("{CONSOLE}/audit-events?size=200")).await.text;
    assert!(
        events.contains("message-template") && events.contains("verify_email/zh"),
        "{events}"
    );
}
