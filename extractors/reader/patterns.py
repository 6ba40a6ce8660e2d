"""What stands between units and values in a clause, as patterns over the masked sentence."""

from __future__ import annotations

import re

SUBJECTS = {"province", "ministry", "department", "district", "commune", "organisation", "group"}
# Indices whose values are small numbers without a unit ("DTI đạt 0,6213").
# Indices whose points may go beyond 100.
BY_THOUSAND = {"DTI", "OTHER"}
UNITLESS = {"DTI", "ICT_INDEX"}
# "còn", "riêng", "trong khi" and a semicolon begin a new clause.
TURN = re.compile(r";|(?<!\w)(?:thì(?= (?:đến |sang |tới )?\ue010)|trong khi(?: đó)?|ngược lại|tuy nhiên|song|riêng|nhưng)(?!\w)")
# "hai bộ này", "ba địa phương nói trên": the units named last
THESE = re.compile(
    r"(?<!\w)(hai|ba|bốn|năm|\d) (?:tỉnh|bộ|sở|huyện|địa phương|đơn vị|ngành|thành phố|cơ quan|xã|phường)(?:, \w+)? (?:này|trên|nói trên|kể trên|ấy|vừa nêu)(?!\w)"
)
THIS_INDEX = re.compile(
    r"(?<!\w)(?:(?:bộ )?chỉ số (?:này|đó|ấy|nói trên|chung|tổng hợp)|điểm số chung|tổng điểm|(?<=về )điểm số)(?!\w)"
)
# Who is no unit that we rank, though something is said of him: "một tỉnh miền Tây vọt lên 8 bậc", "Việt Nam xếp 71",
# "chỉ số DTI cấp quốc gia đạt …"
_SAID_OF = (
    r"(?= (?:đã |cũng |vẫn |còn |được |bất ngờ |tiếp tục |[^\W\d]+ )?(?:nhảy|vọt|vươn|tăng|giảm|tụt|xếp|đứng|đạt|có|dẫn|về|lọt|vượt|là|ở vị trí|năm|\ue010))"
)
SOMEONE = re.compile(
    rf"(?<!là )(?<!là ở )(?<!\w)(?:một|nhiều|vài|không ít) (?:tỉnh|địa phương|đơn vị|huyện|sở|bộ|thành phố)(?! trong)(?: miền [^\W\d]+| phía [^\W\d]+| khác| [\ue001-\ue00a]\ue000*)?{_SAID_OF}"
    rf"|(?<!\w)(?:việt nam|nước ta){_SAID_OF}"
    # "đội của huyện về nhất", "đội tuyển Bến Lức xếp thứ 3": who plays or rows
    rf"|(?<!\w)(?<!tổ )(?<!quân )đội(?! (?:ngũ|sổ|trưởng|hình))(?: [^\s,;:.()]+){{0,5}}?{_SAID_OF}"
    r"|(?:cấp quốc gia|\ue013\ue000* (?:cấp )?quốc gia)(?! lần)"
)
# What else is ranked beside an index: "thu ngân sách nội địa xếp thứ 4", "tăng trưởng kinh tế của tỉnh đứng thứ 2"
OTHER_RANKED = re.compile(
    r"(?<!\w)(?:tăng trưởng|tốc độ|grdp|gdp|fdi|thu hút|thu ngân sách|tổng thu|thu nội địa|xuất khẩu|nhập khẩu|kim ngạch|sản lượng|sản xuất|diện tích|dân số|tỷ lệ|tỉ lệ|quy mô|giá trị sản xuất|thu nhập|năng suất|lượng khách|khách du lịch|vốn đầu tư|doanh thu|giải ngân|điểm thi|thi tốt nghiệp|bóng đá)(?!\w)"
    r"(?! (?:hài lòng|điểm))(?:[^,;.:()\ue013\ue014]|\([^()]*\)){0,60}?(?= (?:cũng |vẫn |còn |đã )?(?:xếp|đứng|dẫn đầu|ở vị trí|lên hạng|tụt))"
    # "thu ngân sách đạt 215 tỷ đồng, đứng thứ 8"
    r"|(?<!\w)(?:grdp|gdp|thu ngân sách|tổng thu|thu nội địa|kim ngạch|xuất khẩu|thu hút|vốn đầu tư|sản lượng|tăng trưởng|doanh thu|thu nhập|giải ngân)(?!\w)"
    r"(?:[^;.:()\ue013\ue014]|(?<=\d)\.(?=\d)){0,70}?\d ?(?:nghìn |ngàn )?(?:tỷ|tỉ|triệu|tấn|%|usd)[^;.:()\ue001-\ue00a\ue013\ue014]{0,40}?,(?= (?:cũng |vẫn |còn |đã )?(?:xếp|đứng|dẫn đầu|ở vị trí|lên hạng|tụt))"
)
# "điểm trung bình của vùng đã xuống thứ hai": the region named last
REGION = re.compile(r"(?<!\w)của (?:toàn )?(?:vùng|khu vực)(?: này)?(?= (?:đã|đạt|là|được|xếp|đứng|tăng|giảm|rơi|tụt|vẫn|năm|cũng|\ue010))")
# "Mức độ hài lòng chung đạt …" in what is told of the index of satisfaction: its value, and that of no pillar
SATISFIED = re.compile(r"(?<!\w)mức(?: độ)? hài lòng (?:chung|tổng thể)(?!\w)")
# "Khi đó, tỉnh chỉ đạt …": the time that the sentence before told last
THEN = re.compile(r"\W*(?:khi|lúc|hồi|thời điểm|năm) (?:đó|ấy)(?=,? )")
# "hơn B (90,1%) ở vị trí thứ hai": between one that is compared with and his place
OF_COMPARED = re.compile(r"(?: ?\([^()]*\))? (?:(?:đang |hiện |vốn )?(?:ở|đứng(?: ở)?|xếp(?: ở)?) )?")
# A value right behind a name: "dịch vụ công trực tuyến 9,9/12 điểm"
VALUE_FOLLOWS = re.compile(r"[\"'”’]* (?:đạt |được |có |chỉ |là |còn )*\d+[.,\d]*(?:/\d+)? ?(?:điểm|%)")
WE = re.compile(r"(?<!\w)(?:chúng tôi|chúng ta)(?= (?:có|được|đạt|đứng|xếp|ở|đặt|phấn đấu|từ|mới|chỉ|vẫn|đã|giữ))")
BLOCK = re.compile(r"khối (?P<name>[^\d():;.\ue001-\ue014]{2,50}?)(?= \(\d+ |: |, điểm| là \d| đạt \d)")
PILLAR = re.compile(
    r"(?:yếu tố|chỉ số thành phần|trụ cột|nhóm tiêu chí|tiêu chí thành phần|lĩnh vực(?! (?:y tế|giáo dục|đất đai|môi trường|xây dựng|tư pháp|nông nghiệp|công thương|giao thông|văn hóa|lao động))) [\"']?(?P<name>(?!(?:là|đạt|được|có|của|đều|cùng|này|trên|với|do)(?!\w))[^\W\d_]+(?:,? [^\W\d_]+){0,8}?)[\"']?"
    r"(?= (?:đạt|được|là|có|đứng|xếp|chỉ|tăng|giảm|mới|ở|cao (?:nhất|hơn)|thấp|hạng|dẫn|còn|với|thì|\d)| của [\ue001-\ue00a]|, (?:hạng|đạt|\d|xếp|tỉnh|[\ue001-\ue009])|: | \()"
)
# "SIPAS của cả nước về công chức là 87,1%, về kết quả là 87%": a pillar told by "về" alone
PILLAR_ON = re.compile(
    r"(?:\ue013\ue000*(?: chung)?(?: \ue010\ue000*)?(?: của (?:[\ue001-\ue00a]\ue000*|cả nước|toàn quốc))?|[%m][,;]| và) về (?P<name>[^\W\d_]+(?:,? [^\W\d_]+){0,5}?)"
    r"(?= (?:là|đạt|được|chỉ|ở mức) (?:đạt |là |ở mức )?\d+[.,]\d+ ?(?:%|điểm))"
)
# "Trong 13 tỉnh, thành vùng …, tỉnh xếp thứ 8": of how many the places told next are
AMONG = re.compile(
    r"(?<!\w)(?:trong|tính riêng|xét riêng|riêng)(?: số| tổng số)? (?P<total>\d{1,3}) (?:tỉnh|thành phố|địa phương|đơn vị|bộ|sở|huyện|xã|phường|cơ quan)(?:, (?:thành phố|thành|thị xã|ban|ngành|phường|cơ quan ngang bộ))*"
    r"(?: (?:vùng|khu vực|miền|của|thuộc|ở|đồng bằng|duyên hải|bắc|nam|đông|tây|trung)(?!\w)[^,.;:()\d]{0,40}| \ue006\ue000*)?(?: được (?:xếp hạng|đánh giá|chấm điểm))?, (?=[^;:]*$)"
)
# Between the pillars of a list: "“Chính quyền số” và “Kinh tế số”"
PILLAR_JOINT = re.compile(r"[\"'”’]*(?:,| và|, và) (?:(?:chỉ số|trục|nội dung|lĩnh vực|trụ cột|yếu tố|tiêu chí|thành phần|về) )*[\"'“‘]*")
# After "có hai chỉ số thành phần dẫn đầu cả nước": " là Tính minh bạch (7,4 điểm) và Đào tạo lao động"
PILLARS_HEAD = re.compile(r"[^.;()\ue001-\ue00a\ue014]{0,80}?(?:(?<!\w)(?:là|gồm|gồm có)(?!\w)|:) ?(?:các )?(?:chỉ số |trụ cột |lĩnh vực |nội dung )?[\"'“‘]*(?=\ue014)")
PILLAR_AFTER = re.compile(r"[\"'”’]*(?: ?\([^()]*\))?(?:,| và|, và) (?:chỉ số |trụ cột |lĩnh vực |nội dung |về )?[\"'“‘]*")
# "dẫn đầu khối địa phương là A; khối sở, ngành là B": the place that B has too
BLOCK_IS = re.compile(r"[;,] (?:còn |và )?(?:ở |với )?khối [^;.:()\d\ue001-\ue00a]{2,60} là (?=[\ue001-\ue005])")
# Between two indices that are announced together: "Chỉ số CCHC (PAR INDEX) và Chỉ số hài lòng (SIPAS)"
ANNOUNCED_WITH = re.compile(r"\)?(?: \([^()]*\))?(?: \ue010\ue000*)?(?: ?,| và|, và) (?:(?:bộ )?chỉ số )?")
# Between two indices of which the same is told, and what begins to tell of the second alone
INDEX_JOINT = re.compile(r"(?: \([^()]*\))?(?: \ue010\ue000*)?(?:,| và|, và) (?:về |ở )?")
ON = re.compile(r"(?: \([^()]*\))?(?: \ue010\ue000*)?,? (?:(?:xếp|đứng|đạt|tăng|giảm|ở|là|được|tụt|cũng|thì|lại|chỉ|còn|lên|xuống)(?!\w)|của [^,;.()]{1,60}? (?:xếp|đứng|đạt|tăng|giảm|ở|là|được|tụt|chỉ|còn)(?!\w)|\d)")
# "kể từ năm 2008" of a streak
SINCE = re.compile(r"(?:kể )?từ $")
STREAK = re.compile(r"(?<!\w)(?:liên tiếp|liên tục|năm liền|chuỗi \d+ năm)(?!\w)")
SO_FAR = re.compile(r"\ue010\ue000* (?:đến|tới|cho đến) $")
BOUND = re.compile(r"(?<!\w)(?:trên|dưới|hơn|không quá|khoảng) $")
KEPT_FOR_YEARS = re.compile(r"năm (?:liên tiếp|liền|liên tục) $")
YEAR_JOINED = re.compile(r"(?:,| và|, và) ")
EACH_INDEX = re.compile(r"(?<!\w)(?:các|cả (?:hai|ba|bốn|\d)|đều|cùng)(?!\w)")
EACH_PILLAR = re.compile(r"(?<!\w)(?:đều|cùng)(?!\w)[^,;.]{0,20}$")
# "năm 2020 còn đứng thứ 40": the year told is the place's own, whatever it led to
STILL = re.compile(r"\ue010\ue000* (?:mới |còn |chỉ |vẫn )+(?:(?:xếp|đứng|ở|đạt) )?$")
# "năm 2019 mới xếp thứ 9, vươn lên, đạt 93,2%": what was then ends with the rise
ROSE = re.compile(r"\ue010\ue000* (?:mới |còn |chỉ |vẫn )+(?:xếp|đứng|ở|đạt)[^,;()]{1,30}, (?:đã |nay |bất ngờ )?(?:vươn|bật|nhảy|leo|vọt|tiến|trở)(?: vọt)? (?:lên|lại)(?!\w)")
NOW = re.compile(r"(?<!\w)(?:năm nay|nay|hiện nay|hiện|lần này|tức là|tức|như vậy|nghĩa là)(?!\w)")
# "Kết quả năm 2017 ở khối huyện: …": what follows in the paragraph is of that year
HEADS_RESULTS = re.compile(
    r"^(?:theo )?(?:kết quả|bảng xếp hạng|bảng điểm)(?: (?:xếp hạng|đánh giá|xếp loại|nội bộ|chấm điểm))* $"
)
# "Địa phương đứng đầu cũng phải …": a rule for all, said of no unit
GENERIC = re.compile(r"(?:^\W*|; )(?:các |những )?(?:địa phương|đơn vị|cơ quan|nơi)\s$")
# "các tỉnh, thành dẫn đầu là: …"
HEADS_OF_LIST = re.compile(r"(?<!\w)(?:các|những) (?:tỉnh|thành phố|địa phương|đơn vị|bộ|sở|huyện|ngành|cơ quan)(?:, (?:thành(?: phố)?|ngành|thị xã|ban))* $")
THAN_MEAN = re.compile(r"(?:cao|thấp|kém|hơn) (?:hơn )?(?:mức |điểm )?(?:bình quân|trung bình)(?: chung)?(?: của)? $")
THAN = re.compile(r"(?:cao hơn|thấp hơn|trên|dưới|vượt|kém)(?: so với)?(?: mức| con số)? $")
# Between a counted level and its share: "5/19 đơn vị xếp loại tốt (26,3%)", "…, chiếm 26,3%"
SHARE_OF_COUNTED = re.compile(
    r"[\"')]*(?: (?:đơn vị|địa phương|cơ quan))?(?: ?\((?:chiếm |đạt |bằng |tương ứng |tỷ lệ |tỉ lệ )*|,? (?:chiếm|tương ứng|tương đương|bằng)(?: tỷ lệ| tỉ lệ| với)* )(?:khoảng |gần |hơn |trên )?"
)
# "thấp hơn mục tiêu của tỉnh 3,5%"
# "dù tăng 4,8 điểm vẫn chỉ đứng thứ 18"
YET_RANKED = re.compile(r",? (?:so với \ue010\ue000*,? ?)?(?:song |nhưng )?(?:vẫn |chỉ |lại |cũng |mới |được )*(?:xếp|đứng|ở vị trí|ở hạng|tụt|giảm \d+ bậc)(?!\w)")
SHORT_OF = re.compile(
    r"(?:thấp|cao|kém|ít|nhiều) hơn (?:so với )?(?:mục tiêu|chỉ tiêu|kế hoạch|mức (?:bình quân|trung bình)|bình quân|trung bình)"
    r"[^,;.:]{0,40}\s$"
)
# "chiếm vị trí đứng đầu PAR INDEX của Bộ Tài chính": who had the place before
OF_ANOTHER = re.compile(r"(?: \ue013\ue000*)? (?:của|từ tay) [\ue001-\ue005]")
# "xếp thứ 3 cả nước về nỗ lực …", and what after "về" is the ranking itself
ABOUT = re.compile(r"(?:/\d+)?(?: (?:trong|của|trên|vùng|khu vực|khối|cụm)(?!\w)(?: [^,.;()]{2,30}?)?)?(?: cả nước| toàn quốc| toàn tỉnh| \ue009\ue000*)? về (?!tay )(?P<what>[^,.;()\ue013\ue014]{4,80})")
IN_RANKING = re.compile(r"(?!điểm (?:trung bình )?(?:các )?(?:môn|thi)(?!\w))(?:(?:bộ |các )?(?:chỉ số|trụ cột|lĩnh vực|nội dung)|tổng|điểm|kết quả|bảng|thứ hạng|mặt|công tác|xếp hạng|đích|việc|nhóm|mức|\W)")
# In the name of an index: it ranks provinces, whoever is spoken of
PROVINCIAL = re.compile(r"(?<!\w)(?:pci|pgi|pii|papi|cấp tỉnh)(?!\w)")
# "3 năm liền (2019, 2020, 2021)", "hai năm liên tiếp 2020 và 2021": a streak told year by year
STREAK_OF_YEARS = re.compile(
    r"(?P<n>\d{1,2}|hai|ba|bốn|năm|sáu|bảy|tám|chín|mười) năm (?:liền|liên tiếp|liên tục),? ?(?:\(|là |gồm )?(?:các |năm )*(?=\ue010)"
)
YEAR_JOINT = re.compile(r"(?:,| và|, và) (?:năm )?")
# "tăng 13 bậc so với vị trí thứ 22 của 2015": the place that is only compared with
COMPARED_PLACE = re.compile(r"so với (?:chỗ |hạng |vị trí |thứ |bậc )*$")
# "1 địa phương (Bắc Ninh) rời nhóm": who is counted is told in the bracket
COUNTED_ONE = re.compile(
    r"(?<![\d/.,])(?:0?1|một) (?:tỉnh|địa phương|đơn vị|bộ|sở|ngành|huyện|quận|thị xã|xã|phường) \((?:là )?[\ue001-\ue005]\ue000*$"
)
# "đứng thứ 3 vùng Đồng bằng sông Hồng": a place among a region's units
OF_REGION = re.compile(
    r"(?: (?:trong|của|toàn|cả|ở))? (?:khu vực|vùng|cụm|miền)(?! này)(?!\w)(?![^,;.()]{0,45}\(?\d+/\d+)"
)
# "So với các tỉnh thuộc khu vực Tây Nguyên, tỉnh xếp thứ 2": a place among a region's units, told before it
IN_REGION = re.compile(
    r"(?<!\w)(?:so với|trong|giữa) (?:số )?(?:các )?(?:tỉnh|địa phương)(?:,? thành(?: phố)?)?(?: (?:thuộc|trong|ở|của))?(?: toàn)? (?:khu vực|vùng|miền|cụm)(?!\w)[^.;]*$"
)
# What stands between the two places of a move, and how near behind the second its year stands
LEADS_ON = re.compile(r",? (?:[^\W\d]+ ){0,3}?(?:lên|xuống|về|tới|đến|ra|vào|còn)(?: [^\W\d]+){0,2} ?")
DATED_WITHIN = 12
# "từ hạng 47 lên hạng 13", "tăng từ 66,11 lên 67,02"
FROM = re.compile(r"(?<!\w)từ(?: chỗ| xếp| đứng| vị trí| hạng| thứ| bậc| mức| con số| ngôi)*\s*$")
# after the first value: "từ 7,2 điểm xuống 6,4 điểm"
RISES = re.compile(r"(?: \([^()]*\)| \ue010\ue000*)?,? (?:[^\W\d]+ ){0,2}?(?:lên|xuống|còn) (?:mức |còn )?\d")
# "Với PAR INDEX năm 2021, …": what the sentence is about
AIMED_AT = re.compile(r"(?:riêng |còn )?(?:đối )?với (?!\d)")
FIGURE = re.compile(r"[\d;]")
# "(năm 2021: 80,11 điểm)": the period belongs to what follows it
LEADS = re.compile(r" ?(?::|là|đạt|đứng|xếp|hạng|thứ|ở|tỉnh|chỉ|còn|mới) ?(?!xuống|lên)|:| \d")
BESIDE = re.compile(
    r"(?: cũ)?(?: \([^)]*\))?(?: ?[:,-]| (?:được|đạt|có|chỉ|với|là|mới|cùng|đều|cũng|đã|vẫn|còn|chấm|lại|thì|điểm|số điểm|tỷ lệ|kết quả))*[\s(]*(?:trên |hơn |gần )?"
)
# Between a reading and the period told after it: "hạng 4 (năm 2014)", "đứng đầu bảng DDCI (năm 2020"
TRAILING = re.compile(
    r" ?(?:(?:bảng|về|trong|của|chỉ số|xếp hạng|(?:khối|cấp) (?:địa phương|sở,? (?:ban,? )?ngành|sở|huyện|xã)) |\ue013\ue000* ?|(?:\d|hai|ba|bốn) (?:năm|kỳ|lần) (?:liền|liên tiếp|liên tục) ?)*\(?(?:ngay )?(?:trong |của |vào |hồi |ở )?(?:các )?"
)
# The words between a signal and the unit it is turned round to: "đứng đầu cả nước là", "hạng ba thuộc về".
INVERTED = re.compile(
    r"[^,;.()\ue001-\ue00a]{0,60}?(?:\ue013\ue000*[^,;.()\ue001-\ue00a]{0,30}?)?(?:(?<!\w)(?:là|thuộc về|(?:về|vào|sang) tay|đổi chủ khi|gồm|gồm có|cho|có|gặp|gọi tên|(?:góp mặt|hiện diện|xuất hiện)(?: của)?|:)|[:])\s*(?:[\"']|các |hai |ba |lần lượt |tỉnh |vùng |khu vực |ubnd |vẫn là |bốn |năm |\d+ \w+ )*(?=[\ue001-\ue009])"
)
# "nhất - Sở Tài chính; nhì - Sở Nội vụ; xếp cuối - Ban Dân tộc": a place at the head of each item of a list
DASHED = re.compile(r" ?[-–] ?(?:ubnd |tỉnh )?(?=[\ue001-\ue009])")
HEADS_ITEM = re.compile(r"(?:^[^\w\ue000-\ue014]*|[;:] ?(?:[-+•*–] ?)?)(?:xếp |đứng |hạng |về )*$")
# "; đứng thứ 2 tỉnh Thái Nguyên", "Vị trí cuối cùng, Ủy ban Dân tộc": the unit follows a signal that opens its clause
OPENS_CLAUSE = re.compile(r"(?:^\W*|[;,.] ?(?:và |còn )?)(?:xếp |đứng |ở |về )?$")
FOLLOWED = re.compile(r",? (?:tỉnh |thành phố |vùng |khu vực |ubnd )?(?=[\ue001-\ue009])")
FOLLOWED_BY_VALUE = re.compile(r",? (?:đạt|với|được|có|chỉ) |,? ?\(|[;.]|$|, (?:thứ|tiếp|kế|xếp|đứng|còn|vị trí)")
# "Với 43,21 điểm, Tiền Giang …", "Với 73,4 điểm PCI 2019, tăng 3,04 điểm so với năm 2018, Quảng Ninh …"
FRONTED = re.compile(
    r"(?:(?: \ue013\ue000*)?(?: ?\([^()]*\)| \ue010\ue000*)?,?"
    r"|(?: (?:trong|của|về|ở|trên|tại|bảng|xếp hạng|chỉ số)(?!\w)| ?\ue013\ue000*| ?\ue010\ue000*| ?\([^()]*\)){0,6}"
    r"(?:, (?:tăng|giảm|nhích|cao hơn|thấp hơn|hơn|kém) [^,;.:()\ue001-\ue00a]{1,40}(?:(?<=\d)[.,]\d[^,;.:()\ue001-\ue00a]{0,40})?)?,)"
    r" (?:so với \ue010\ue000*, ?)?(?:\ue013\ue000* (?:của )?)?(?:tỉnh |ubnd )?[\ue001-\ue009]"
)
# "Sau khi tụt từ hạng 49 (năm 2019) xuống hạng 53, năm 2022 Phú Yên …": a clause whose unit comes after it
AHEAD = re.compile(
    r"\W*(?:\w{2,9}\)\W*)?(?:sau khi|sau (?:nhiều|\d+|hai|ba|bốn|năm) (?:năm|kỳ)|từ chỗ|dù|tuy|mặc dù|vốn)(?!\w)[^;:\ue001-\ue00a]*?(?:hạng|thứ|vị trí|bậc|điểm|%)"
    r"[^;:\ue001-\ue00a]*?, (?:đến |tới |sang )?(?:\ue010\ue000*,? )?(?:\ue013\ue000*(?: \ue010\ue000*)? của )?(?:tỉnh |ubnd )?(?=[\ue001-\ue00a])"
)
DIRECT = re.compile(r"\s*:?\s*\(?(?=[\ue001-\ue009])")
# "a) Xã …", "- Sở …": a member of a list
ITEM = re.compile(r"\s*(?:[a-zđ]\)|[-+•*–]|\d{1,2}[.)]) ?")
THAT_IS = re.compile(r"(?:đó|đây) (?:là|gồm) (?:các )?|(?:bao )?gồm:? (?:các )?|cụ thể là:? ")
# Between a counted level and the units that it counts: "(A, B)", " gồm A, B", " là: A"
ENUMERATES = re.compile(
    r"[\"'')]*(?: ?\((?:gồm:? |là:? )?|: ?|,? (?:gồm(?: có)?|là|đó là|bao gồm):? )(?:các |ubnd |hai )*(?=[\ue001-\ue00a])"
)
PLACES = {"rank", "first", "second", "last", "penult", "atmost"}
TURNED = {"rank", "first", "second", "last", "penult", "atmost", "ranks", "level", "next", "onward"}
# "Các tỉnh tiếp theo có chỉ số …": a set begins the clause and is said to do something
SET_SUBJECT = re.compile(r"(?:^\W*|[;:.] )$")
SET_RANKED = re.compile(r"(?: tiếp theo| khác| còn lại| này)? (?:có|đều|đã|được|đạt|đứng|xếp|cũng|vẫn|tiếp tục) ")
# "Sở đặt mục tiêu đưa Chỉ số CCHC của tỉnh vào …": the province is ranked, not who works for it
LIFTS_INDEX = re.compile(r"(?<!\w)(?:đưa|nâng|kéo|giúp|cải thiện)(?: thứ hạng| vị trí)?(?: về)? \ue013\ue000* của $")
# "Chỉ số hài lòng chung của các sở, ngành đạt 90%"
OF_INDEX = re.compile(r"\ue013\ue000*(?: chung)?(?: \ue010\ue000*)? của (?:khối )?$")
# "chỉ số “Chi phí thời gian” của huyện Văn Bàn"
PILLAR_OF = re.compile(r"\ue014\ue000*[\"'”’]* của $")
# "Quảng Ninh đạt cao nhất, với 87,59%"
EXTREME_BEFORE = re.compile(r"(?:cao|thấp) nhất(?: cả nước| toàn quốc| toàn tỉnh)?,? ?(?:với |đạt |là |chỉ |\()?$")
# "Nhiều nhất là Bến Lức với 12 người, kế đến là …"
OF_AMOUNTS = re.compile(r"(?<!\w)(?:nhiều|đông|ít) nhất(?! (?:điểm|về điểm))[^.;]*$")
# "là một trong những tỉnh có PCI cao nhất cả nước"
ONE_OF_MANY = re.compile(r"(?<!\w)(?:một trong|nằm trong|trong|thuộc)(?: số)? (?:những|các|số|nhiều) [^,;.]{0,70}$")
# What only who is ranked can have
NO_VALUES = PLACES | {"move", "moves", "same"}
# A place that may be one among those told before it
AMONG_OTHERS = {"rank", "first", "second", "last", "penult"}
# "lần lượt": one value for each of those named
SEQUENCES = {"ranks", "scores", "moves", "changes"}
NATIONWIDE = re.compile(r"cả nước|toàn quốc")
# A set that belongs to no province.
NATIONAL_SET = re.compile(r"(?:các |\d+ )?(?:cả nước|toàn quốc|(?:tỉnh|bộ|cơ quan ngang bộ)(?!\w)).*")
# Not who is ranked: who is compared with, who tells, for whom or where.
COMPARE_BEFORE = re.compile(
    r"(?:hơn|kém|sau|trên|dưới|bỏ xa|(?:hợp nhất|sáp nhập|nhập|sánh|cạnh tranh|phối hợp|tiếp giáp) với|vượt qua|vượt|như|so với|so|bằng|thua|cùng với|cùng|đứng sau|xếp trên|xếp dưới|chỉ trên|ngang|ngang với|đuổi kịp)\s+(?:cả |các |tỉnh |mức của )?$"
)
# "một số tỉnh tụt mạnh như Bắc Ninh, Thái Bình": examples of whom it is said
EXAMPLE_BEFORE = re.compile(
    r"(?<!\w)(?:một số|nhiều|các|những|vài|không ít) (?:tỉnh|địa phương|đơn vị|bộ|sở|ngành|huyện|xã|nơi)[^.;:]{0,60}? như (?:[\ue001-\ue005]\ue000*(?:, | và ))*$"
)
AGENT_BEFORE = re.compile(
    r"(?:(?<!\w)(?:được|do|bởi|theo|tại|trực thuộc|từ|giao|đề nghị|yêu cầu|gửi|về phía|giúp|khiến|để|trình|lãnh đạo|giám đốc|chủ tịch|bí thư|đại diện|báo cáo của|phó chủ tịch|bộ trưởng|thứ trưởng|công bố của|chuyên gia|trung tâm|phòng|cán bộ|công chức|tập thể)\s+(?:ubnd |sở |lãnh đạo )?)$"
)
ACTOR_AFTER = re.compile(
    r"\s*(?:\([^)]*\)\s*)?(?:vừa |đã |mới |chính thức |sẽ |tiếp tục |cũng |đang )*(?:công bố|ban hành|yêu cầu|cho biết|tổ chức|giao |chỉ đạo|đề nghị|phê duyệt|thông báo|khảo sát|nhấn mạnh|đưa ra|nhận định|ghi nhận|tổng hợp|chấm |tặng|trao |lý giải|trình bày|tham mưu|kiến nghị|phối hợp|cho rằng|nêu|gửi|theo dõi|chủ trì|báo cáo|thực hiện|triển khai|quyết định|họp|có quyết định|sơ kết|tổng kết|tiến hành|khẳng định|gợi ý|lấy ý kiến|nhắc (?:lại|đến|tới) |dẫn (?:lại|số liệu) )"
)
LED_BY = re.compile(r"(?<!\w)do (?:tỉnh |sở )?$")
LEADS_IT = re.compile(r" (?:dẫn đầu|đứng đầu|giữ (?:ngôi|vị trí)|chiếm|nắm|đứng thứ|xếp)")
# "Tại Bến Lức, chỉ số chung là 83,1%": where it is measured is who has it
AT = re.compile(r"(?:^|[.;] ?)\W*(?:tại|ở|với|đối với)\s(?:khối )?$")
VALUED = re.compile(r" (?:trên |hơn |gần )?\d")
MEASURED_THERE = re.compile(
    r", (?:\ue013\ue000*|chỉ số này|(?:chỉ số|điểm số|điểm|kết quả|mức(?: độ)? hài lòng|tỷ lệ hài lòng)(?: chung| tổng hợp)?)(?: \ue010\ue000*)?"
    r" (?:là|đạt|ở mức|đứng|xếp|tăng|giảm|chỉ)(?!\w)"
)
# "đồng hạng 4 với Bộ Y tế": who has the place too
PLACED_WITH = re.compile(r"(?<!\w)(?:đồng|cùng|chung)(?: đứng| xếp| ở)* (?:hạng|thứ|vị trí|thứ hạng|ngôi)[^,;.()]{0,20} với (?:tỉnh |ubnd )?$")
APPOSED_AFTER = re.compile(
    r"(?:,| -) (?:là )?(?:nơi|đơn vị|địa phương|tỉnh|huyện|sở) (?:đứng|dẫn đầu|xếp|có (?:điểm|chỉ số|thứ hạng)|về|giữ|cuối|đầu)"
)
ALL = re.compile(r"(?<!\w)(?:hai|cùng|đều|các|đồng|cả)(?!\w)")
SAYS = re.compile(
    r"(?:(?<!\w)(?:đạt|được|là|với|còn|chỉ|có|giá trị|kết quả|với (?:tỷ|tỉ) lệ|đạt được|đạt tổng(?: điểm)?|tổng|mức|tới|mới|ở mức|bằng|điểm số|số điểm|chấm|điểm|đến|lên|vỏn vẹn|xuống|trung bình|bình quân|khi ấy|khi đó|lúc đó|lúc ấy|nay|hiện|tích lũy|mang về|giành|giành được|dừng(?: lại)? ở|thu về|ghi|ghi được|nhận|nhận được|kiếm được|gom được|cùng|đều|không dưới|không thấp hơn|hài lòng|hài lòng chung)(?: (?:từ|trên|hơn|gần|tối thiểu|ít nhất|khoảng|tới|đúng|được))?|\ue000 (?:từ|trên|hơn|tối thiểu|ít nhất|đạt từ|đạt trên)|(?<!\w)chỉ số|(?:tăng|giảm|nâng|đi|hạ|tụt) từ|(?<=\d điểm) và|[:;(\-,–])\s*$"
)
TAIL_OK = re.compile(
    r"\s*(?:[,;.…)(\]\"'/:-]|$|cchc|chỉ số|so với|so |và |vẫn |tăng|giảm|xếp|đứng|thuộc|cao hơn|thấp hơn|để |nhưng|trở lên|hơn|của |về |cho |ở |trong|là |nên|loại|mức|nhóm|hạng|thứ|vào|ngay|tức|dẫn|còn|song|đồng|năm|\ue010|\ue013|kế|tiếp|–|khi|theo|trên|như|mà|bỏ|lên|xuống|cùng|đạt|do|giữ|tụt|\w+ nhất)"
)
