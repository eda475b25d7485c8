"""Dutch towns and the names of streets."""

# First and last postcode, area code, thousands of inhabitants, thousands of euros that a home costs. Rounded figures,
# good enough to look at; no source for advice.
TOWNS = """
Amsterdam       1011 1109 020  930 590
Rotterdam       3011 3089 010  670 400
Den Haag        2511 2597 070  565 440
Utrecht         3511 3585 030  375 510
Eindhoven       5611 5658 040  247 440
Groningen       9711 9747 050  244 350
Tilburg         5011 5049 013  230 390
Almere          1311 1363 036  226 430
Breda           4811 4839 076  188 440
Nijmegen        6511 6546 024  188 410
Arnhem          6811 6846 026  168 380
Haarlem         2011 2037 023  167 550
Enschede        7511 7548 053  161 310
Amersfoort      3811 3829 033  162 480
Apeldoorn       7311 7339 055  168 400
Zaandam         1501 1509 075   78 410
Den Bosch       5211 5237 073  160 450
Hoofddorp       2131 2135 023   77 500
Zwolle          8011 8045 038  133 400
Leiden          2311 2334 071  130 450
Zoetermeer      2711 2729 079  128 400
Leeuwarden      8911 8941 058  127 310
Maastricht      6211 6229 043  125 370
Dordrecht       3311 3329 078  122 360
Ede             6711 6718 0318 124 460
Alphen aan den Rijn 2401 2409 0172 77 440
Alkmaar         1811 1827 072  112 420
Emmen           7811 7828 0591 109 290
Delft           2611 2629 015  109 420
Venlo           5911 5928 077  104 310
Deventer        7411 7429 0570 103 380
Hilversum       1211 1223 035   94 540
Heerlen         6411 6422 045   87 250
Oss             5341 5351 0412  95 400
Nieuwegein      3431 3439 030   67 430
Veenendaal      3901 3907 0318  69 440
Amstelveen      1181 1188 020   96 630
Hengelo         7551 7559 074   82 330
Purmerend       1441 1448 0299  83 430
Schiedam        3111 3125 010   82 330
Roosendaal      4701 4709 0165  78 360
Lelystad        8221 8245 0320  85 370
Vlaardingen     3131 3138 010   76 340
Almelo          7601 7611 0546  74 300
Gouda           2801 2809 0182  76 400
Spijkenisse     3201 3208 0181  73 350
Hoorn           1621 1628 0229  76 400
Assen           9401 9408 0592  70 330
Helmond         5701 5709 0492  96 380
Bergen op Zoom  4611 4625 0164  69 350
Capelle aan den IJssel 2901 2909 010 68 390
Katwijk         2221 2225 071   67 460
Zeist           3701 3709 030   66 560
Sittard         6131 6137 046   38 290
Roermond        6041 6045 0475  60 320
Doetinchem      7001 7009 0314  60 370
Middelburg      4331 4341 0118  50 370
Terneuzen       4531 4538 0115  25 270
Kampen          8261 8267 038   55 370
Woerden         3441 3449 0348  53 490
Heerhugowaard   1701 1706 072   60 410
Den Helder      1781 1788 0223  57 290
Hoogeveen       7901 7909 0528  56 310
Barneveld       3771 3773 0342  62 470
Tiel            4001 4007 0344  43 380
Weert           6001 6006 0495  51 350
Waalwijk        5141 5146 0416  50 390
Zutphen         7201 7207 0575  49 370
Harderwijk      3841 3848 0341  49 430
Houten          3991 3995 030   51 540
Rijswijk        2281 2289 070   58 400
Ridderkerk      2981 2988 0180  48 390
IJmuiden        1971 1976 0255  32 400
Beverwijk       1941 1949 0251  43 400
Zwijndrecht     3331 3336 078   45 360
Culemborg       4101 4107 0345  30 440
Wageningen      6701 6709 0317  42 460
Sneek           8601 8608 0515  35 300
Heerenveen      8441 8449 0513  52 340
Drachten        9201 9207 0512  46 310
Meppel          7941 7944 0522  36 350
Goes            4461 4465 0113  40 360
Vlissingen      4381 4389 0118  45 310
Oosterhout      4901 4909 0162  58 420
Etten-Leur      4871 4879 076   45 410
Veldhoven       5501 5509 040   47 470
Uden            5401 5406 0413  43 410
Winterswijk     7101 7109 0543  30 320
Gorinchem       4201 4208 0183  38 400
Barendrecht     2991 2994 0180  49 450
Voorburg        2271 2275 070   40 480
Bussum          1401 1406 035   33 640
Soest           3761 3768 035   48 500
Nijkerk         3861 3864 033   45 450
"""

STREETS = """
Dorpsstraat, Kerkstraat, Molenweg, Schoolstraat, Julianastraat, Wilhelminastraat, Beatrixstraat, Prins Bernhardlaan,
Emmastraat, Stationsweg, Stationsstraat, Nieuwstraat, Hoofdstraat, Molenstraat, Beukenlaan, Eikenlaan, Lindenlaan,
Kastanjelaan, Berkenlaan, Esdoornstraat, Populierenlaan, Acaciastraat, Meidoornstraat, Wilgenstraat, Elzenstraat,
Merelstraat, Lijsterstraat, Spreeuwenstraat, Zwaluwstraat, Nachtegaalstraat, Vinkenstraat, Leeuwerikstraat,
Kievitstraat, Reigerstraat, Fazantlaan, Rozenstraat, Tulpstraat, Anjerstraat, Leliestraat, Irisstraat, Narcisstraat,
Dahliastraat, Rembrandtstraat, Vermeerstraat, Frans Halsstraat, Jan Steenstraat, Van Goghstraat, Mondriaanlaan,
Ruysdaelstraat, Mozartlaan, Beethovenlaan, Bachlaan, Vondelstraat, Multatulistraat, Couperuslaan, Bilderdijkstraat,
Potgieterstraat, De Ruyterstraat, Trompstraat, Piet Heinstraat, Evertsenstraat, Burgemeester van der Feltzlaan,
Burgemeester Kuperusplein, Parallelweg, Spoorstraat, Havenstraat, Kanaalweg, Waterstraat, Dijkstraat, Singel, Oude
Gracht, Zuiderkade, Noorderkade, Marktstraat, Torenstraat, Kloosterstraat, Pastoor Smitsstraat, Raadhuisstraat,
Veldweg, Akkerstraat, Weidestraat, Boomgaardlaan, Hoeveweg, Korenbloemstraat, Klaverweide, Heideveld, Bosweg,
Parklaan, Plantsoenlaan, Laan van Meerdervoort, Europalaan, Kennedylaan, Zonnebloemstraat, Waterlelie, Libellenveld,
Rietveen, Zilvermeeuw, Toermalijn, Smaragdlaan, Marsstraat, Venuslaan, Orionstraat, Zenit, Grote Beer, De Oude Molen,
Het Anker, De Horst, Achterweg, Broekweg, Zandpad
"""
