"""The office at work on its phone: a list of societies sent as a document, an invitation that comes with its picture."""

import re

from tests.channels.telegram.conftest import Town
from tests.channels.telegram.line import sends_documents
from tests.season import bytes_of

LINK = re.compile(r"https://t\.me/\w+\?start=(\w{8})")


def test_a_list_is_sent_and_a_society_of_it_invited(town: Town) -> None:
    office = town.fake.user("周科长")
    office.starts(town.season.codes["staff"].replace("-", ""))
    office.waits_for(1)
    sends_documents(office, {"学会名单.csv": bytes_of("学会名单.csv")})
    assert "请回复数字 3" in office.waits_for(2)[-1]["text"]
    office.says("3")
    assert "已加入3家" in office.waits_for(3)[-1]["text"]
    office.says("邀请 护理学会")
    told = office.waits_for(6)[3:]
    assert "钱老师" in told[0]["text"]
    [words] = [one["text"] for one in told if one["text"] and LINK.search(one["text"])]
    assert any(one["text"] is None for one in told)  # the picture
    found = LINK.search(words)
    assert found
    secretary = town.fake.user("钱老师")
    secretary.starts(found[1])
    assert "欢迎，浙江省护理学会" in secretary.waits_for(1)[0]["text"]
