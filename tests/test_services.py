"""What the providers do the same for both APIs of Incident Manager. Real: botocore's own models."""

from __future__ import annotations

import botocore.session
import pytest
from botocore.validate import validate_parameters

from pulumi_incidents.providers import _aws, _diff, _model, _tags

CONTACTS = _aws.Service("ssm-contacts")
ARN = "arn:aws:ssm-contacts:us-east-1:123456789012:contact/ana"
CHANNEL = "arn:aws:ssm-contacts:us-east-1:123456789012:contact-channel/ana/1"
PERSON = {
    "alias": "ana",
    "type": "PERSONAL",
    "display_name": "Ana",
    "plan": {
        "stages": [
            {
                "duration_in_minutes": 5.0,
                "targets": [
                    {
                        "channel_target_info": {
                            "contact_channel_id": CHANNEL,
                            "retry_interval_in_minutes": 1.0,
                        }
                    }
                ],
            }
        ]
    },
}


@pytest.mark.parametrize("service", [_aws.INCIDENTS, CONTACTS], ids=lambda each: each.name)
def test_tags_go_to_each_service_as_its_model_has_them(service):
    """A map in the one API is a list of keys and values in the other."""
    model = botocore.session.Session().get_service_model(service.name)
    sent = _tags.added(service, ARN, {"team": "shop", "a": "b"})
    validate_parameters(sent, model.operation_model("TagResource").input_shape)
    assert ARN in sent.values()


def test_the_members_of_another_api_are_checked_and_translated():
    """Capital letters become snake case and go back, and limits are those of that model."""
    shape = CONTACTS.inputs_of("CreateContact")
    assert [*_model.check(shape, PERSON)] == []
    request = _model.to_api(shape, PERSON)
    model = botocore.session.Session().get_service_model("ssm-contacts")
    validate_parameters(request, model.operation_model("CreateContact").input_shape)
    assert request["Plan"]["Stages"][0]["DurationInMinutes"] == 5
    assert _model.from_api(shape, request) == PERSON
    wrong = {**PERSON, "type": "PERSON", "alias": "Ana!", "dispaly_name": "Ana"}
    failures = {failure.path: failure.reason for failure in _model.check(shape, wrong)}
    assert set(failures) == {"type", "alias", "dispaly_name"}
    for name, is_fine in (("Ánà 安 7", True), ("Ana!", False), ("Ana\n", False)):
        assert ([*_model.check(shape, {**PERSON, "display_name": name})] == []) is is_fine
    assert failures["dispaly_name"] == "does not exist; did you mean display_name?"


def test_a_patch_of_another_api_has_what_changed_and_no_more():
    """An update is sent as members of that API; what is the same stays out."""
    shape = CONTACTS.inputs_of("CreateContact")
    assert _diff.patch(shape, PERSON, PERSON) == {}
    assert _diff.patch(shape, PERSON, {**PERSON, "display_name": "Ana K."}) == {
        "DisplayName": "Ana K."
    }


def test_an_action_is_called_as_iam_calls_it():
    """Errors name what a policy has to allow."""
    assert CONTACTS.action("CreateContact") == "ssm-contacts:CreateContact"
