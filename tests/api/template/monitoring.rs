//! The alarms and the dashboard.

use std::collections::BTreeSet;

use record_lists::{ENDPOINTS, RECORD_ERROR_CODES};
use serde_json::{Value, json};

use super::{FUNCTIONS, elements, resources, text};

/// The dashboard, with `${…}` as it is.
fn widgets() -> Vec<Value> {
    let dashboards = resources("AWS::CloudWatch::Dashboard");
    let body = text(&dashboards["Dashboard"]["Properties"]["DashboardBody"]["!Sub"]);
    let body: Value = serde_json::from_str(body).expect("the dashboard is JSON");
    elements(&body["widgets"]).to_vec()
}

fn metrics(widget: &Value) -> &[Value] {
    elements(&widget["properties"]["metrics"])
}

#[test]
fn an_alarm_tells_when_it_starts_and_when_it_ends() {
    let topic = json!({"!If": ["HasAlarmTopic", [{"!Ref": "AlarmTopicArn"}], {"!Ref": "AWS::NoValue"}]});
    for (id, alarm) in resources("AWS::CloudWatch::Alarm") {
        assert_eq!(alarm["Properties"]["AlarmActions"], topic, "{id}");
        assert_eq!(alarm["Properties"]["OKActions"], topic, "{id}");
    }
}

#[test]
fn an_alarm_on_a_function_is_on_all_three() {
    for (id, alarm) in resources("AWS::CloudWatch::Alarm") {
        let Some(metrics) = alarm["Properties"]["Metrics"].as_array() else {
            assert_eq!(alarm["Properties"]["Namespace"], "AWS/ApiGateway", "{id}");
            continue;
        };
        let names = metrics.iter().filter_map(|metric| metric.pointer("/MetricStat/Metric/Dimensions/0/Value/!Ref"));
        assert_eq!(names.map(text).collect::<BTreeSet<_>>(), BTreeSet::from(FUNCTIONS), "{id}");
    }
}

#[test]
fn the_dashboard_has_every_error_code() {
    let widgets = widgets();
    let widget = widgets.iter().find(|widget| widget["properties"]["title"] == "Refused records by error code");
    let codes: Vec<&str> =
        metrics(widget.expect("the widget is there")).iter().map(|metric| text(&metric[1])).collect();
    assert_eq!(
        codes.into_iter().collect::<BTreeSet<_>>(),
        RECORD_ERROR_CODES.iter().map(std::convert::Into::into).collect::<BTreeSet<&str>>()
    );
}

#[test]
fn the_dashboard_has_a_row_for_every_operation() {
    let widgets = widgets();
    let rows = widgets.iter().filter(|widget| widget["width"] == 24);
    let shown: BTreeSet<&str> = rows
        .flat_map(metrics)
        .map(|metric| {
            let search = text(&metric[0]["expression"]);
            let (_, operation) = search.split_once("Operation=\"").expect("the search names an operation");
            operation.split('"').next().expect("a name")
        })
        .collect();
    let operations = ENDPOINTS.iter().map(|endpoint| <&str>::from(endpoint.operation));
    assert_eq!(shown, operations.chain(["none"]).collect());
}
