#!/bin/sh
# What people do by hand: the AWS CLI in a loop over the files of the plans.
# Usage: cli_loop.sh up|update|refresh|destroy [SUMMARY]
set -eu
for file in plan-*.json; do
    arn=arn:aws:ssm-incidents::123456789012:response-plan/${file%.json}
    case $1 in
    up) aws ssm-incidents create-response-plan --cli-input-json "file://$file" ;;
    update)
        aws ssm-incidents list-tags-for-resource --resource-arn "$arn" # which say whose it is
        aws ssm-incidents update-response-plan --arn "$arn" --incident-template-summary "$2"
        ;;
    refresh)
        aws ssm-incidents get-response-plan --arn "$arn"
        aws ssm-incidents list-tags-for-resource --resource-arn "$arn"
        ;;
    destroy)
        aws ssm-incidents list-tags-for-resource --resource-arn "$arn"
        aws ssm-incidents delete-response-plan --arn "$arn"
        ;;
    esac
done
