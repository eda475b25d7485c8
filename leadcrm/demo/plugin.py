"""What the demo plugin adds."""

from leadcrm.core.plugin import Plugin
from leadcrm.demo.commands import demo

plugin = Plugin(
    name="demo",
    about="An office full of made-up households, with accounts to look around with",
    requires=("auth", "leads", "followup", "documents", "checklists", "pipelines", "tags", "custom_fields",
              "saved_views", "distribution", "intake"),
    commands=(demo,),
)
