"""The request log of the local AWS and its filters.

Real: the server process, HTTP on 127.0.0.1, boto3. Nothing is patched.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import pytest

PLAN = "arn:aws:ssm-incidents::123456789012:response-plan/missing"


def log(server, query=""):
    """Return the operations that a query of the log finds."""
    with urllib.request.urlopen(f"{server.url}/_local/requests{query}") as answer:
        return json.load(answer)["requests"]


@pytest.fixture
def asked(local_aws, incidents):
    """Give a local AWS that was asked a few things."""
    local_aws.forget()
    incidents.list_response_plans()
    with pytest.raises(incidents.exceptions.ResourceNotFoundException):
        incidents.get_response_plan(arn=PLAN)
    incidents.delete_response_plan(arn=PLAN)
    sns = local_aws.client("sns")
    sns.create_topic(Name="topic")
    sns.close()
    return local_aws


@pytest.mark.parametrize(
    ("query", "operations"),
    [
        ("", ["ListResponsePlans", "GetResponsePlan", "DeleteResponsePlan", "CreateTopic"]),
        ("?service=sns", ["CreateTopic"]),
        ("?operation=GetResponsePlan&operation=CreateTopic", ["GetResponsePlan", "CreateTopic"]),
        ("?mutating=true", ["DeleteResponsePlan", "CreateTopic"]),
        ("?mutating=true&service=ssm-incidents", ["DeleteResponsePlan"]),
        ("?status=404", ["GetResponsePlan"]),
        ("?error=ResourceNotFoundException", ["GetResponsePlan"]),
        ("?error=null&status=204", ["DeleteResponsePlan"]),
        ("?lost=true", []),
        ("?limit=1", ["CreateTopic"]),
        ("?limit=0", []),
        ("?status=200&limit=5", ["ListResponsePlans", "CreateTopic"]),
    ],
)
def test_a_filter_finds_what_it_names(asked, query, operations):
    """Filters of several keys must all match, several values of one key are alternatives."""
    assert [entry["operation"] for entry in log(asked, query)] == operations


def test_what_came_after_an_entry_can_be_asked_for(asked, incidents):
    """Ids go up, also over an emptied log, so that a watcher misses nothing and sees all once."""
    seen = log(asked)[-1]["id"]
    assert log(asked, f"?after={seen}") == []
    asked.forget()
    incidents.list_response_plans()
    (entry,) = log(asked, f"?after={seen}")
    assert entry["id"] == seen + 1


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?operations=x", "'operations'"),
        ("?after=-1", "after"),
        ("?limit=one", "limit"),
        ("?limit=", "limit"),
        ("?after=1234567890123456789", "after"),
    ],
)
def test_a_wrong_filter_is_refused_in_a_sentence(asked, query, said):
    """A misspelt filter does not find everything: the answer is 400 and names it."""
    with pytest.raises(urllib.error.HTTPError) as caught:
        log(asked, query)
    with caught.value as answer:
        assert answer.code == 400
        assert said in json.load(answer)["message"]
